package probes

import (
	"math/bits"

	"github.com/bayplan/bayplan/placement/internal/trees"
)

const (
	cpuUnit = 3 // shifts: 8 CPU units, 16 MiB
	memUnit = 4
)

// A table has a row for each amount below fineRows (32 vCPUs, 64 GiB), and above that 16 rows
// for each doubling: few, however large a number a request has.
const (
	fineBits = 12
	fineRows = 1 << fineBits
	stepBits = 4
)

// row returns the row of an amount in units. It rounds down and never falls as amounts grow.
func row(v uint64) uint32 {
	if v < fineRows {
		return uint32(v)
	}
	doubling := bits.Len64(v) - 1 - fineBits
	step := v >> (bits.Len64(v) - 1 - stepBits) & (1<<stepBits - 1)
	return fineRows + uint32(doubling)<<stepBits + uint32(step)
}

// tables are the samples that pass, by amount in units and by class.
type tables struct{ cpu, mem, gpu, eni, class []uint64 }

// tabulate writes the tables from the samples.
func (s *Set) tabulate(classes int) {
	s.cpu = table(s.samples, func(k *Kind) uint32 { return k.cpu })
	s.mem = table(s.samples, func(k *Kind) uint32 { return k.mem })
	s.gpu = table(s.samples, func(k *Kind) uint32 { return k.gpu })
	s.eni = table(s.samples, func(k *Kind) uint32 { return k.eni })
	s.class = make([]uint64, classes)
	for class := range s.class {
		s.class[class] = s.passing(uint32(class))
	}
}

// passing returns the samples whose tasks may go to the instances of a class.
func (s *Set) passing(class uint32) uint64 {
	var mask uint64
	for i, k := range s.samples {
		if k.classes == nil || k.classes.Has(class) {
			mask |= 1 << i
		}
	}
	return mask
}

// Judge writes what the samples say of a class that is new, or whose filters have changed.
func (s *Set) Judge(class uint32) {
	for int(class) >= len(s.class) {
		s.class = append(s.class, 0)
	}
	s.class[class] = s.passing(class)
}

// table returns for each row up to that of the largest sample the samples that pass.
func table(samples []Kind, of func(*Kind) uint32) []uint64 {
	most := uint32(0)
	for i := range samples {
		most = max(most, of(&samples[i]))
	}
	t := make([]uint64, most+1)
	for i := range samples {
		t[of(&samples[i])] |= 1 << i
	}
	for i := 1; i < len(t); i++ {
		t[i] |= t[i-1]
	}
	return t
}

// On returns the probes that the instance in a slot passes, of a class and with so much free. Barred is
// the Bars of the bitmaps that are told and have the slot.
func (s *Set) On(a, b uint64, class, slot uint32, barred uint64) uint64 {
	if len(s.cpu) == 0 {
		return 0
	}
	probes := pass(s.cpu, a&trees.LaneA>>cpuUnit) & pass(s.mem, a>>trees.ShiftMem>>memUnit) &
		pass(s.gpu, b&trees.LaneB) & pass(s.eni, b>>trees.ShiftENI&trees.LaneB) & s.class[class]
	for _, m := range s.bars {
		if !m.Told && m.Has(slot) {
			probes &^= m.Bars
		}
	}
	return probes &^ barred
}

// pass returns the samples that an amount is enough for.
func pass(table []uint64, v uint64) uint64 {
	last := len(table) - 1
	if v < fineRows || last < fineRows {
		return table[min(int(v), last)]
	}
	return table[min(int(row(v)), last)]
}
