package autoscale

import "testing"

func TestLaws(t *testing.T) {
	t.Run("A6_cron_is_oracle", func(t *testing.T) {
		// Seen to fail: nearestWeekday without the rule for a Saturday the 1st.
		t.Run("ten years of cron", cronIsOracle)
		// Seen to fail: instantOf trying the smaller offset first, which fires the second of two equal times.
		t.Run("random cron", randomCronIsOracle)
		// Seen to fail: `+ 1` left out of Schedule.Next.
		t.Run("ten years of rate", rateIsOracle)
	})
}
