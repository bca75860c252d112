package models

import (
	"encoding/binary"
	"errors"
	"math/bits"
)

// DayMinutes is how many minutes a day has. Cover is counted in days of UTC, which all have as many.
const DayMinutes = 1440

const setWords = (DayMinutes + 63) / 64

// MinuteSet is a set of minutes of one day of UTC, a bit for each. Joining sets gives the same in any order and
// however often: that is why facts may come late, twice and mixed up.
type MinuteSet [setWords]uint64

// MinutesBetween is the set of the minutes in [from, until).
func MinutesBetween(from, until int) MinuteSet {
	set := MinuteSet{}
	for at := max(from, 0); at < min(until, DayMinutes); {
		word, bit := at/64, at%64
		count := min(64-bit, min(until, DayMinutes)-at)
		set[word] |= (^uint64(0) >> (64 - count)) << bit
		at += count
	}
	return set
}

// Add puts a minute of the day, 0 to 1439, into the set.
func (m *MinuteSet) Add(minute int) { m[minute/64] |= 1 << (minute % 64) }

// Join adds all minutes of another set.
func (m *MinuteSet) Join(other MinuteSet) {
	for word := range m {
		m[word] |= other[word]
	}
}

// Cut takes all minutes of another set out.
func (m *MinuteSet) Cut(other MinuteSet) {
	for word := range m {
		m[word] &^= other[word]
	}
}

// Has says whether a minute is in the set.
func (m *MinuteSet) Has(minute int) bool { return m[minute/64]&(1<<(minute%64)) != 0 }

// IsEmpty says whether no minute is in the set.
func (m *MinuteSet) IsEmpty() bool { return *m == MinuteSet{} }

// Count is how many minutes of [from, until) are in the set.
func (m *MinuteSet) Count(from, until int) int {
	count := 0
	for at, end := max(from, 0), min(until, DayMinutes); at < end; {
		word, bit := at/64, at%64
		width := min(64-bit, end-at)
		count += bits.OnesCount64(m[word] >> bit << (64 - width))
		at += width
	}
	return count
}

// Each calls do for every minute in the set, in order.
func (m *MinuteSet) Each(do func(minute int)) {
	for at, word := range m {
		for ; word != 0; word &= word - 1 {
			do(at*64 + bits.TrailingZeros64(word))
		}
	}
}

// ErrBadCount is about a stored count that cannot be: cut off, of another form, or of fewer people than none.
var ErrBadCount = errors.New("models: not a count of cover")

// append writes which words of the set are not zero, and those: most people are in most places for a few minutes.
func (m *MinuteSet) append(to []byte) []byte {
	used := uint64(0)
	for at, word := range m {
		if word != 0 {
			used |= 1 << at
		}
	}
	to = binary.AppendUvarint(to, used)
	for _, word := range m {
		if word != 0 {
			to = binary.LittleEndian.AppendUint64(to, word)
		}
	}
	return to
}

// readMinutes reads what append wrote, and gives the rest.
func readMinutes(from []byte) (MinuteSet, []byte, error) {
	set := MinuteSet{}
	used, size := binary.Uvarint(from)
	if size <= 0 || used >= 1<<setWords || len(from)-size < 8*bits.OnesCount64(used) {
		return set, nil, ErrBadCount
	}
	from = from[size:]
	for ; used != 0; used &= used - 1 {
		set[bits.TrailingZeros64(used)] = binary.LittleEndian.Uint64(from)
		from = from[8:]
	}
	return set, from, nil
}
