package control_test
import ("testing";"time";"os";"strconv";"fmt";)
func TestZZ(t *testing.T){
 seed,_:=strconv.ParseUint(os.Getenv("SEED"),10,64)
 if seed==0 {t.Skip()}
 s := newStorm(seed, stormFaults())
 for range *soakSteps { s.step(); if s.random.IntN(250)==0 { _ = s.world.Crash() } ; if err:=s.world.Plane().Check(); err!=nil {fmt.Println("CHECK",s.world.Now(), err);break}}
 s.calm()
 from := s.world.Now()
 _, err := s.settle()
 fmt.Println(err)
 n:=0
 for c := range s.world.Changes() { if c.At.Time().After(from.Add(-60*time.Minute)) && (os.Getenv("SVC")=="" || c.Service==os.Getenv("SVC")) { n++; if true {fmt.Println(c.At.Time().Format("15:04:05.000"), c.Kind, c.Service, c.Task, c.Instance, c.Status, c.Text)} } }
fmt.Println("IDLE", s.world.Plane().Idle(s.world.Now()), s.world.Plane().Ready().WakeAt)
 for _, u := range s.unsettled(s.world.Plane()) {fmt.Println(u)}
}
