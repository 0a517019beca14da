package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/message"
)

// A message takes its time and arrives once; it is lost, repeated and late as often as the rates
// say, by at most MaxDelay, and Met counts it.
//
// Seen to fail: a late message that comes early; Met counting copies; a loss that is reported to
// arrive.
func TestMessages(t *testing.T) {
	const step, late = 100 * time.Millisecond, 20 * time.Second
	for name, c := range map[string]struct {
		faults      Faults
		copies      int
		first, last time.Duration
		met         Met
	}{
		"calm":     {Faults{}, 1, step, step, Met{}},
		"lost":     {Faults{Loss: 1}, 0, 0, 0, Met{Lost: 20}},
		"repeated": {Faults{Repeat: 1}, 2, step, step, Met{Repeated: 20}},
		"late":     {Faults{Delay: 1}, 1, step, step + late, Met{Delayed: 20}},
		"late by a bit": {Faults{Delay: 1, MaxDelay: time.Millisecond}, 1, step,
			step + time.Millisecond, Met{Delayed: 20}},
		"both":        {Faults{Repeat: 1, Delay: 1}, 2, step, step + late, Met{Repeated: 20, Delayed: 40}},
		"lost anyway": {Faults{Loss: 1, Repeat: 1, Delay: 1}, 0, 0, 0, Met{Lost: 20}},
	} {
		t.Run(name, func(t *testing.T) {
			w := New(Config{Seed: 3})
			w.SetFaults(c.faults)
			require.Equal(t, c.faults == Faults{}, w.calm())
			arrived := make([]int, 20)
			spread := map[time.Duration]bool{}
			for i := range arrived {
				reported := w.message(func() {
					arrived[i]++
					spread[w.Elapsed()] = true
					require.GreaterOrEqual(t, w.Elapsed(), c.first)
					require.LessOrEqual(t, w.Elapsed(), c.last)
				})
				require.Equal(t, c.copies > 0, reported)
			}
			w.Advance(time.Hour)
			for i := range arrived {
				require.Equal(t, c.copies, arrived[i])
			}
			require.Equal(t, c.met, w.Met())
			if c.last > c.first {
				require.Greater(t, len(spread), 10, "they are late by different times")
			}
		})
	}
}

// What is insisted on is told again after each Report until it arrives.
//
// Seen to fail: insist that tells once.
func TestInsist(t *testing.T) {
	w := New(Config{Faults: Faults{Loss: 1}})
	w.insist(message.AgentConnectivity{Cluster: "default", Instance: "i"})
	w.Advance(5*w.config.Times.Report + time.Second)
	require.Equal(t, 6, w.Met().Lost)
	w.SetFaults(Faults{})
	w.Advance(w.config.Times.Report)
	require.Equal(t, 6, w.Met().Lost)
	_, more := w.Next()
	require.False(t, more, "it arrived, and nothing follows")
}

// A command is carried out once, however often it is given, under its key; the answer is the
// first one's, and not given before that was due.
//
// Seen to fail: a second attachment gets an address of its own; the answer to a repeated
// command given at once.
func TestCommandsAreCarriedOutOnce(t *testing.T) {
	w := New(Config{})
	attach := func(target string) message.AttachNetworkInterface {
		return message.AttachNetworkInterface{ID: message.Key{Op: "AttachNetworkInterface", Target: target, Epoch: 1},
			Cluster: "default"}
	}
	w.carryOut(attach("a"))
	w.carryOut(attach("b"))
	require.Equal(t, 2, w.addresses)
	first := w.seen[attach("a").ID]
	require.Equal(t, "10.0.0.5", first.outcome.PrivateIPv4)
	require.Equal(t, w.Now().Add(w.config.Times.ENI), first.at)
	w.Advance(2 * time.Second)
	w.carryOut(attach("a"))
	require.Equal(t, 2, w.addresses)
	require.Equal(t, first, w.seen[attach("a").ID])
	for range 3 { // two answers and a copy of the first
		next, more := w.Next()
		require.True(t, more)
		require.Equal(t, first.at, next)
		h := w.queue[0]
		require.True(t, w.Step())
		require.Equal(t, first.at, h.at)
	}
	w.Advance(time.Minute)
	w.carryOut(attach("a"))
	next, _ := w.Next()
	require.Equal(t, w.Now().Add(w.config.Times.Message), next, "it was due long ago")
	w.carryOut(message.AttachNetworkInterface{ID: message.Key{Op: "AttachNetworkInterface", Target: "a", Epoch: 2}})
	require.Equal(t, 3, w.addresses, "another epoch is another command")
}

// A command that fails is not remembered: given again it is carried out.
//
// Seen to fail: the failure remembered as the answer.
func TestFailedCommands(t *testing.T) {
	w := New(Config{Faults: Faults{Fail: 1}})
	c := message.AttachNetworkInterface{ID: message.Key{Op: "AttachNetworkInterface", Target: "a", Epoch: 1}}
	for range 3 {
		w.carryOut(c)
	}
	require.Equal(t, Met{Failed: 3}, w.Met())
	require.Zero(t, w.addresses)
	w.SetFaults(Faults{})
	w.carryOut(c)
	require.Equal(t, 1, w.addresses)
}

// No two network interfaces that are there at once have one address, nor volumes one ID.
//
// Seen to fail: the third part of an address left at 0.
func TestAddresses(t *testing.T) {
	w := New(Config{})
	seen := map[string]bool{}
	for i := range 10_000 {
		id := message.Key{Op: "AttachNetworkInterface", Target: "a", Epoch: uint64(i)}
		w.carryOut(message.AttachNetworkInterface{ID: id})
		address := w.seen[id].outcome.PrivateIPv4
		require.False(t, seen[address], address)
		seen[address] = true
	}
	require.NotEqual(t, volumeID("0123456789abcdef0123456789abcdef"), volumeID("1123456789abcdef0123456789abcdef"))
	require.Equal(t, "vol-0short", volumeID("short"))
}

// Whatever the rates are, the same seed draws the same faults.
//
// Seen to fail: a draw that is made only if a rate is set was left to the clock.
func TestFaultsAreDrawnFromTheSeed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rate := func(name string) float64 { return float64(rapid.IntRange(0, 10).Draw(t, name)) / 10 }
		faults := Faults{Loss: rate("loss"), Repeat: rate("repeat"), Delay: rate("delay")}
		seed := rapid.Uint64().Draw(t, "seed")
		course := func() (times []time.Duration, met Met) {
			w := New(Config{Seed: seed, Faults: faults})
			for range 10 {
				w.message(func() { times = append(times, w.Elapsed()) })
			}
			w.Advance(time.Minute)
			return times, w.Met()
		}
		times, met := course()
		again, metAgain := course()
		require.Equal(t, times, again)
		require.Equal(t, met, metAgain)
		require.Equal(t, 10-met.Lost+met.Repeated, len(times))
	})
}

// Behave and SetFaults change the world and not what it was made of.
//
// Seen to fail: Behave that writes into Config.Images.
func TestConfigStays(t *testing.T) {
	images := map[string]Behaviour{"a": {ExitCode: 1}}
	w := New(Config{Images: images})
	w.Behave("a", Behaviour{ExitCode: 2})
	w.Behave("b", Behaviour{ExitCode: 3})
	require.Equal(t, map[string]Behaviour{"a": {ExitCode: 1}}, images)
	require.Equal(t, map[string]Behaviour{"a": {ExitCode: 2}, "b": {ExitCode: 3}}, w.config.Images)
}

// Keep hands the records to somebody else, in order and each once; without it the world has them.
//
// Seen to fail: the world keeps them too.
func TestKeep(t *testing.T) {
	join := func(w *World) {
		_, err := w.AddInstances(3, "", InstanceTypes()[0].ContainerInstance("a"))
		require.NoError(t, err)
	}
	w := New(Config{})
	join(w)
	var whole []control.Record
	for r := range w.Records() {
		whole = append(whole, r)
	}
	require.Len(t, whole, 3)
	kept := New(Config{})
	var got []control.Record
	kept.Keep(func(records []control.Record) {
		require.NotEmpty(t, records)
		got = append(got, records...)
	})
	join(kept)
	require.Equal(t, whole, got)
	for range kept.Records() {
		t.Fatal("the world keeps none")
	}
}
