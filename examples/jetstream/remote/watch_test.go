package remote

import (
	"context"
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/examples/jetstream/bus"
)

// leader is a plane that watches its agents, until the test ends.
func leader(t *testing.T, b bus.Bus, member string) *driver.Loop {
	loop := driver.New(control.New(control.Config{}), driver.Runtime{})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 2)
	go func() { ended <- loop.Run(ctx) }()
	go func() { ended <- Watch(ctx, b, "p", member, loop) }()
	t.Cleanup(func() {
		cancel()
		for range 2 {
			require.ErrorIs(t, <-ended, context.Canceled)
		}
		time.Sleep(time.Minute) // for what is under way
	})
	synctest.Wait()
	return loop
}

// connectedNow reports whether the plane counts an instance's agent as connected.
func connectedNow(t *testing.T, loop *driver.Loop, id ecs.InstanceID) bool {
	out, err := driver.Call(t.Context(), loop, func(
		p *control.Plane, _ time.Time) (api.DescribeContainerInstancesOutput, error) {
		return p.DescribeContainerInstances(api.DescribeContainerInstancesInput{
			ContainerInstances: []string{string(id)}})
	})
	require.NoError(t, err)
	require.Len(t, out.ContainerInstances, 1)
	return out.ContainerInstances[0].AgentConnected
}

func machineOf(id string) api.RegisterContainerInstanceInput {
	return api.RegisterContainerInstanceInput{InstanceIdentityDocument: `{"instanceId":"` + id + `"}`,
		TotalResources: []ecs.Resource{{Name: ecs.ResourceCPU, Type: "INTEGER", IntegerValue: 1024},
			{Name: ecs.ResourceMemory, Type: "INTEGER", IntegerValue: 1024}}}
}

// TestBeats has an agent fall silent, and beat again. Seen to fail: an agent that is told of once only; a leader that
// does not expect the agents that it has read of.
func TestBeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bus.NewMemory()
		loop := leader(t, b, "m")
		var id ecs.InstanceID
		require.NoError(t, loop.Do(t.Context(), func(p *control.Plane, now time.Time) error {
			ci, err := p.RegisterContainerInstance(now, machineOf("i-1"))
			id = ci.ID()
			return err
		}))
		beats := func() {
			data, err := json.Marshal(beat{"default", id})
			require.NoError(t, err)
			require.NoError(t, b.Publish(beatSubject("p"), data))
			require.NoError(t, b.Publish(beatSubject("p"), data)) // a beat that comes twice
			synctest.Wait()
		}
		for range 2 {
			beats()
			require.True(t, connectedNow(t, loop, id))
			time.Sleep(silence)
			require.True(t, connectedNow(t, loop, id), "not before the time is over")
			time.Sleep(silence/6 + time.Second)
			require.False(t, connectedNow(t, loop, id))
			time.Sleep(time.Hour)
			require.False(t, connectedNow(t, loop, id))
		}
		beats()

		next := driver.New(control.New(control.Config{}), driver.Runtime{}) // a plane that has the agent, connected
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go func() { _ = next.Run(ctx) }() // it ends with the context
		require.NoError(t, next.Do(ctx, func(p *control.Plane, now time.Time) error {
			ci, err := p.RegisterContainerInstance(now, machineOf("i-1"))
			id = ci.ID()
			p.Observe(now, message.AgentConnectivity{Cluster: "default", Instance: id, Connected: true})
			return err
		}))
		go func() { _ = Watch(ctx, bus.NewMemory(), "p", "next", next) }()
		time.Sleep(silence - time.Second)
		require.True(t, connectedNow(t, next, id))
		time.Sleep(silence/6 + 2*time.Second)
		require.False(t, connectedNow(t, next, id), "it never said a word to this leader")
	})
}

// TestRegister has a machine ask leaders that are gone, answer twice, and refuse. Seen to fail: a hello without a time
// limit (the test did not end).
func TestRegister(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, a := bus.NewMemory(), &arrive{times: 2}
		loop := leader(t, b.Client(a.often), "m")
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		silent, err := b.Subscribe(helloSubject("p", "gone"), func([]byte) []byte { return nil })
		require.NoError(t, err)
		defer silent()
		type answer struct {
			id  ecs.InstanceID
			err error
		}
		register := func(in api.RegisterContainerInstanceInput) chan answer {
			got := make(chan answer, 1)
			go func() {
				id, err := Register(ctx, b, "p", in)
				got <- answer{id, err}
			}()
			synctest.Wait()
			return got
		}
		got := register(machineOf("i-1"))
		leads(t, b, 1, "nobody") // no such member
		leads(t, b, 1, "gone")   // it does not answer
		time.Sleep(patience)
		leads(t, b, 2, "m")
		one := <-got
		require.NoError(t, one.err)
		got = register(machineOf("i-1"))
		leads(t, b, 2, "m")
		require.Equal(t, one, <-got, "the same machine is the same instance")
		page, err := driver.Call(ctx, loop, func(p *control.Plane, _ time.Time) (api.Page, error) {
			return p.ListContainerInstances(api.ListContainerInstancesInput{})
		})
		require.NoError(t, err)
		require.Len(t, page.Arns, 1)
		got = register(api.RegisterContainerInstanceInput{Cluster: "nowhere"})
		leads(t, b, 2, "m")
		require.ErrorContains(t, (<-got).err, "remote: ClusterNotFoundException")
		got = register(machineOf("i-2"))
		cancel()
		require.ErrorIs(t, (<-got).err, context.Canceled)
	})
}

// TestObserve has a leader told the same twice, in half, and too late. Seen to fail: an answer of a loop that has
// ended.
func TestObserve(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		loop := driver.New(control.New(control.Config{}), driver.Runtime{})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- loop.Run(ctx) }()
		id, err := driver.Call(ctx, loop, func(p *control.Plane, now time.Time) (ecs.InstanceID, error) {
			ci, err := p.RegisterContainerInstance(now, machineOf("i-1"))
			return ci.ID(), err
		})
		require.NoError(t, err)
		data, err := json.Marshal([]message.SealedEvent{{Event: message.AgentConnectivity{Cluster: "default",
			Instance: id, Connected: true}}})
		require.NoError(t, err)
		state := func() (s control.State) {
			require.NoError(t, loop.Do(ctx, func(p *control.Plane, _ time.Time) error {
				s = p.State()
				return nil
			}))
			return s
		}
		require.Equal(t, "durable", string(observe(ctx, loop, data)))
		before := state()
		require.Equal(t, "durable", string(observe(ctx, loop, data)))
		require.Equal(t, before, state(), "the second time changes nothing")
		require.Equal(t, "unreadable", string(observe(ctx, loop, data[:len(data)/2])))
		cancel()
		require.ErrorIs(t, <-ended, context.Canceled)
		require.Nil(t, observe(t.Context(), loop, data), "the agent tells the next leader")
	})
}
