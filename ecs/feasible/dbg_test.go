package feasible_test
import ("testing";"fmt";"time";"math/rand/v2";"github.com/bayplan/bayplan/ecs/feasible")
func TestDbg(t *testing.T){
 r:=rand.New(rand.NewPCG(7,8)); n,bad,unequal,same:=0,0,0,0
 for n<6000{ f:=draw(r); if len(f.revs)<2||f.first{continue}
  v:=f.view(); d:=&v.State.Rollouts[len(f.revs)-1]
  d.DesiredCount+=1+r.IntN(2); n++
  got,_:=feasible.Deployment(v,f.snapshot(v.Tasks),f.requests())
  x:=&explorer{f:&f,seen:map[string]fortune{},rests:map[feasible.Rest]bool{}}
  w:=x.follow(v,epoch.Add(time.Hour))
  o:=feasible.OutcomeDepends; if !w.rests{o=feasible.OutcomeEnds}; if !w.ends{o=feasible.OutcomeBlocked}
  if o!=got.Outcome { bad++
   eq:=true; for _,q:=range f.revs[1:]{ if q!=f.revs[0]{eq=false}}
   if eq{same++; if same<3 {fmt.Println(&f,got.Outcome,o)}} else {unequal++; if unequal<6{fmt.Println(&f,got.Outcome,o)}}}
 }
 fmt.Println(n,bad,unequal,same)
}
