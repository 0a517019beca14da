// Package cron compiles the two forms of cron that scaling reads, and finds when they are next due on the
// clocks of a place: [Parse] those of AWS, for services, and [ParseUnix] those of Unix, for Auto Scaling
// groups.
//
// Both are held against an oracle that tries every minute of the calendar, over leap days and changes of
// clocks (TestLaws). A time that clocks skip does not fire; one that they show twice fires the first time.
package cron
