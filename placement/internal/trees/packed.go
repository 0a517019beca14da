package trees

import "github.com/bayplan/bayplan/ecs"

// What is free on an instance, or needed by a task, is two words. The first has memory and
// CPU in lanes of 31 bits, the second GPUs, network interfaces and task room (MaxTasks less
// the tasks there) in lanes of 15. The top bit of each lane is a guard, 0 in values, so that
// all lanes are compared at once.
const (
	GuardA    = 1<<63 | 1<<31
	GuardB    = 1<<63 | 1<<47 | 1<<31 | 1<<15
	ShiftMem  = 32
	ShiftENI  = 16
	ShiftRoom = 32
	LaneA     = 1<<31 - 1
	LaneB     = 1<<15 - 1
	OneRoom   = 1 << ShiftRoom
)

// PackA returns the first word: memory and CPU.
func PackA(r ecs.Resources) uint64 { return uint64(r.Memory)<<ShiftMem | uint64(r.CPU) }

// PackB returns the second word: task room, network interfaces and GPUs.
func PackB(r ecs.Resources, room int) uint64 {
	return uint64(room)<<ShiftRoom | uint64(r.ENI)<<ShiftENI | uint64(r.GPU)
}

// Unpack returns the resources of two words.
func Unpack(a, b uint64) ecs.Resources {
	return ecs.Resources{
		CPU: int64(a & LaneA), Memory: int64(a >> ShiftMem),
		GPU: int64(b & LaneB), ENI: int64(b >> ShiftENI & LaneB),
	}
}

// RoomOf returns the task room of a second word.
func RoomOf(b uint64) int { return int(b >> ShiftRoom & LaneB) }

func maxA(x, y uint64) uint64 {
	d := ((x | GuardA) - y) & GuardA
	m := d - d>>31
	return x&m | y&^m
}

func maxB(x, y uint64) uint64 {
	d := ((x | GuardB) - y) & GuardB
	m := d - d>>15
	return x&m | y&^m
}

// Amounts are the two words.
type Amounts struct{ A, B uint64 }

func (f *Amounts) raise(t Amounts) { f.A, f.B = maxA(f.A, t.A), maxB(f.B, t.B) }

// Cover reports whether no lane is below what is needed.
func (f *Amounts) Cover(need *Amounts) bool {
	return ((f.A|GuardA)-need.A)&GuardA == GuardA && ((f.B|GuardB)-need.B)&GuardB == GuardB
}

// Summary bounds what is free on the instances below a node from above: the greatest amount
// lane by lane, and every probe that some instance there may pass.
type Summary struct {
	Amounts
	Probes uint64
}

// Raise lifts the bounds to those of another.
func (s *Summary) Raise(t Summary) {
	s.Amounts.raise(t.Amounts)
	s.Probes |= t.Probes
}
