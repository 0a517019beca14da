package scheduler

func (r *run) inStages() bool { return false }
func (r *run) stages()        {}
func (r *run) stepBack(int)   {}
