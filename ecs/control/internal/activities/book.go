// Package activities is the room of the control plane that remembers what Application Auto Scaling did, and
// why it did not. It knows no service: a scalable target is what autoscale says that it is.
package activities

import (
	"slices"
	"strconv"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
)

// Book is what scaling has done, the oldest first. Its JSON holds all of it.
type Book struct {
	List   []autoscale.ScalingActivity `json:"list,omitzero"`
	Number uint64                      `json:"number,omitzero"` // of the last one
}

// most is how many activities are kept.
const most = 1000

// Note adds an activity of a target that begins now, and returns its ID.
func (b *Book) Note(now ecs.Instant, target autoscale.ScalableTarget, a autoscale.ScalingActivity) string {
	b.Number++
	a.ActivityID = core.NameBasedID("scalingActivity", target.ResourceID, strconv.FormatUint(b.Number, 10))
	a.ServiceNamespace, a.ResourceID = target.ServiceNamespace, target.ResourceID
	a.ScalableDimension, a.StartTime = target.ScalableDimension, now
	list, oldest := append(b.List, a), now.Add(-autoscale.ActivitiesKept)
	drop := max(0, len(list)-most)
	for drop < len(list) && list[drop].StartTime < oldest {
		drop++
	}
	b.List = slices.Delete(list, 0, drop)
	return a.ActivityID
}

// Find returns an activity by its ID, nil for one that is not kept.
func (b *Book) Find(id string) *autoscale.ScalingActivity {
	if id == "" {
		return nil
	}
	for i := len(b.List) - 1; i >= 0; i-- {
		if a := &b.List[i]; a.ActivityID == id {
			return a
		}
	}
	return nil
}

// Close ends an activity, with a message if there is one to say. An ID that is not kept does nothing.
func (b *Book) Close(now ecs.Instant, id string, status autoscale.ScalingActivityStatusCode, message string) {
	if a := b.Find(id); a != nil {
		a.StatusCode, a.EndTime = status, now
		if message != "" {
			a.StatusMessage = message
		}
	}
}

// NotScaled notes why an alarm has led to nothing, once until something else happens to the target.
func (b *Book) NotScaled(
	now ecs.Instant,
	target autoscale.ScalableTarget,
	cause string,
	why autoscale.NotScaledReason,
) {
	for _, a := range slices.Backward(b.List) {
		if a.ResourceID == target.ResourceID {
			if a.Cause == cause && slices.Equal(a.NotScaledReasons, []autoscale.NotScaledReason{why}) {
				return
			}
			break
		}
	}
	id := b.Note(now, target, autoscale.ScalingActivity{Cause: cause,
		Description: "Attempting to scale due to alarm triggered", NotScaledReasons: []autoscale.NotScaledReason{why}})
	b.Close(now, id, autoscale.ScalingActivityFailed, "")
}

// Describe describes activities, the newest first, also those of targets that are gone.
func (b *Book) Describe(
	in autoscale.DescribeScalingActivitiesInput,
) (autoscale.DescribeScalingActivitiesOutput, error) {
	out := autoscale.DescribeScalingActivitiesOutput{ScalingActivities: []autoscale.ScalingActivity{}}
	if err := in.Validate(); err != nil {
		return out, err
	}
	for _, a := range slices.Backward(b.List) {
		if in.Selects(a) {
			a.NotScaledReasons = slices.Clone(a.NotScaledReasons)
			out.ScalingActivities = append(out.ScalingActivities, a)
		}
	}
	if in.NextToken != "" {
		after := 1 + slices.IndexFunc(out.ScalingActivities,
			func(a autoscale.ScalingActivity) bool { return a.ActivityID == in.NextToken })
		if after == 0 {
			return autoscale.DescribeScalingActivitiesOutput{}, core.Fault(ecs.InvalidNextTokenException, "NextToken",
				"Invalid token %q.", in.NextToken)
		}
		out.ScalingActivities = out.ScalingActivities[after:]
	}
	if size := in.MaxResults.Or(autoscale.MaxDescribed); len(out.ScalingActivities) > size {
		out.ScalingActivities = out.ScalingActivities[:size]
		out.NextToken = out.ScalingActivities[size-1].ActivityID
	}
	return out, nil
}

// Check returns what contradicts itself in the book.
func (b *Book) Check() (faults []error) {
	if n := len(b.List); n > most || uint64(n) > b.Number {
		faults = append(
			faults,
			core.Fault(ecs.ServerException, "activities", "%d activities of %d are kept", n, b.Number),
		)
	}
	for i, a := range b.List {
		if i > 0 && a.StartTime < b.List[i-1].StartTime {
			faults = append(faults, core.Fault(ecs.ServerException, "activities", "activity %s is out of order",
				a.ActivityID))
		}
	}
	return faults
}
