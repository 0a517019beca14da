package journal

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/ecs/driver/drivertest"
)

// The Loop asks a Journal for snapshots.
var _ driver.Snapshotter = (*Journal)(nil)

func TestContract(t *testing.T) {
	for _, sync := range []Sync{SyncAlways, SyncNever} {
		drivertest.TestJournal(t, func(t *testing.T) drivertest.Journal {
			_, j := open(t, t.TempDir(), Config{Sync: sync})
			return drivertest.Journal{Journal: j, Records: func() (all []control.Record, err error) {
				data := contents(t, j.path)
				f, err := read(j.path, bytes.NewReader(data), int64(len(data)))
				require.NoError(t, err)
				for _, err := range f.chunks {
					require.NoError(t, err)
				}
				for r, err := range f.records() {
					if err != nil {
						return nil, err
					}
					all = append(all, r)
				}
				return all, nil
			}}
		})
	}
}
