// Package request checks and reads what placement is asked for: the needs of one task, its constraints
// and its strategy. It knows no instances; placement and its index decide by what it reads.
package request
