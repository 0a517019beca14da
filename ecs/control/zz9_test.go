package control_test
import ("testing";"time";"fmt";"github.com/bayplan/bayplan/ecs/sim")
func TestZZ9(t *testing.T){
 s := newStorm(0x3a7ab6a, sim.Faults{})
 n:=0
 for i:=range 40 { s.step(); 
  p:=s.world.Plane(); w:=p.Ready().WakeAt
  if !w.IsZero() && w.After(p.Now()) { if err:=p.Idle(w.Add(-1)); err!=nil { fmt.Println("STEP",i,p.Now(),w,err); fmt.Println("now:",p.Idle(p.Now())); for d:=time.Second; d<2*time.Minute; d+=time.Second { if e:=p.Idle(p.Now().Add(d)); e!=nil {fmt.Println("first",d); break} }; break } }
 }
 for c := range s.world.Changes() { n++; if c.Service=="s1" {fmt.Println(c.At.Time().Format("15:04:05.000"), c.Kind, c.Service, c.Task, c.Status, c.Text)} }
 for _, r := range s.unsettled(s.world.Plane()) {fmt.Println(r)}
 fmt.Println(s.did)
}
