package driver_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/ecs/driver/journal"
	"github.com/bayplan/bayplan/ecs/message"
)

var errCrash = errors.New("crash")

// run tells the story to a loop from chapter n on and waits for its end, or for the
// journal's. It returns how many chapters the loop has acknowledged.
func run(t *testing.T, w *world, p *control.Plane, journal driver.Journal, n int) (acknowledged int, err error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	rt := w.runtime()
	rt.Journal = journal
	l := driver.New(p, rt)
	w.connect(l.Notify)
	defer w.connect(nil)
	ended := make(chan error, 1)
	go func() { ended <- l.Run(ctx) }()
	chapters := story()
	for ; n < len(chapters); n++ {
		if err := l.Do(ctx, chapters[n]); err != nil {
			require.ErrorIs(t, err, errCrash)
			return n, <-ended
		}
	}
	instances, err := driver.Call(ctx, l, func(p *control.Plane, _ time.Time) ([]ecs.InstanceID, error) {
		list, err := p.DescribeContainerInstances(api.DescribeContainerInstancesInput{
			ContainerInstances: instanceRefs(p)})
		var ids []ecs.InstanceID
		for _, i := range list.ContainerInstances {
			ids = append(ids, i.ID())
		}
		return ids, err
	})
	if err == nil {
		go w.report(ctx, instances)
	}
	for range 200 {
		var missing string
		err := l.Do(ctx, func(p *control.Plane, _ time.Time) error { missing = settled(p); return p.Check() })
		if errors.Is(err, errCrash) || errors.Is(err, driver.ErrClosed) {
			return n, <-ended
		}
		require.NoError(t, err)
		if missing == "" {
			cancel()
			return n, <-ended
		}
		time.Sleep(10 * time.Second)
	}
	require.Fail(t, "never settled", settled(p))
	return n, nil
}

func instanceRefs(p *control.Plane) []string {
	page, _ := p.ListContainerInstances(api.ListContainerInstancesInput{})
	return page.Arns
}

func TestLaws(t *testing.T) {
	// Seen to fail: Run not issuing what is outstanding.
	t.Run("C3_crash_anywhere", func(t *testing.T) {
		total := 0
		synctest.Test(t, func(t *testing.T) {
			w, kept := newWorld(t), &memory{}
			_, err := run(t, w, control.New(control.Config{Seed: 1}), kept, 0)
			require.ErrorIs(t, err, context.Canceled)
			require.Equal(t, map[string]int{"web": 3, "api": 1}, w.running())
			total = len(kept.records)
		})
		require.Greater(t, total, 40, "records")
		crashes := 0
		for limit := 1; limit <= total; limit++ {
			synctest.Test(t, func(t *testing.T) {
				w, kept := newWorld(t), &memory{limit: limit, slow: time.Duration(limit%3) * 400 * time.Millisecond}
				acknowledged, err := run(t, w, control.New(control.Config{Seed: 1}), kept, 0)
				if len(kept.records) < limit || !errors.Is(err, errCrash) {
					return // it was done before
				}
				crashes++
				kept.limit = 0
				p := kept.replayed(t)
				var owed []message.Key
				for c := range p.Outstanding() {
					owed = append(owed, c.Key())
				}
				before := map[message.Key]int{}
				for _, k := range owed {
					before[k] = w.carried[k]
				}
				next := resume(t, p, acknowledged)
				_, err = run(t, w, p, kept, next)
				require.ErrorIs(t, err, context.Canceled, "crash after record %d", limit)
				require.Equal(t, map[string]int{"web": 3, "api": 1}, w.running(), "crash after record %d", limit)
				for _, k := range owed {
					require.Greater(t, w.carried[k], before[k], "%s was outstanding, crash after record %d", k, limit)
				}
				again := kept.replayed(t)
				require.Equal(t, p.State(), again.State(), "crash after record %d", limit)
			})
		}
		require.Greater(t, crashes, total*9/10)
	})
}

// resume returns the chapter to go on with: users repeat what was not acknowledged, unless
// they find it done.
func resume(t *testing.T, p *control.Plane, acknowledged int) int {
	t.Helper()
	done := 0
	if n := len(instanceRefs(p)); n > 0 {
		done = n
	}
	web, _ := p.ListTaskDefinitions(api.ListTaskDefinitionsInput{FamilyPrefix: "web"})
	back, _ := p.ListTaskDefinitions(api.ListTaskDefinitionsInput{FamilyPrefix: "api"})
	services, _ := p.DescribeServices(api.DescribeServicesInput{Services: []string{"web", "api"}})
	for _, s := range services.Services {
		if s.ServiceName == "api" && s.DesiredCount == 1 {
			return 9
		}
	}
	switch {
	case len(services.Services) == 2 && len(services.Services[0].Deployments) > 0 &&
		services.Services[0].TaskDefinition[len(services.Services[0].TaskDefinition)-1] == '2':
		done = 8
	case len(web.TaskDefinitionArns) == 2:
		done = 7
	case len(services.Services) == 2:
		done = 6
	case len(back.TaskDefinitionArns) == 1:
		done = 5
	case len(services.Services) == 1:
		done = 4
	case len(web.TaskDefinitionArns) == 1:
		done = 3
	}
	require.GreaterOrEqual(t, done, acknowledged, "what was acknowledged is there")
	return done
}

// The same with a file, whose process ends after every chapter, and with snapshots.
func TestFileJournal(t *testing.T) {
	for _, every := range []int{-1, 1, 7} {
		synctest.Test(t, func(t *testing.T) {
			dir, w := t.TempDir(), newWorld(t)
			for chapter := range len(story()) {
				p, kept, err := journal.Open(dir, journal.Config{Plane: control.Config{Seed: 1},
					Sync: journal.SyncNever, SnapshotEvery: every})
				require.NoError(t, err)
				rt := w.runtime()
				rt.Journal = kept
				l := driver.New(p, rt)
				w.connect(l.Notify)
				ctx, cancel := context.WithCancel(t.Context())
				ended := make(chan error, 1)
				go func() { ended <- l.Run(ctx) }()
				require.NoError(t, l.Do(ctx, story()[chapter]))
				time.Sleep(time.Duration(chapter) * 700 * time.Millisecond)
				cancel()
				require.ErrorIs(t, <-ended, context.Canceled)
				w.connect(nil)
				require.NoError(t, kept.Close())
			}
			p, kept, err := journal.Open(dir, journal.Config{})
			require.NoError(t, err)
			_, err = run(t, w, p, kept, len(story()))
			require.ErrorIs(t, err, context.Canceled)
			require.Equal(t, map[string]int{"web": 3, "api": 1}, w.running())
			require.NoError(t, kept.Close())
		})
	}
}
