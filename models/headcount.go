package models

import "encoding/binary"

// Headcount is how many people were in one place in each minute of one day of UTC. It names nobody. The number of a
// minute is written in binary, with a set for each digit: the minutes whose number has that digit.
// Few places ever hold two people at once, so that one set does for most.
type Headcount []MinuteSet

// Plus counts one more person in each minute of the set.
func (h Headcount) Plus(set MinuteSet) Headcount {
	for digit := 0; !set.IsEmpty(); digit++ {
		if digit == len(h) {
			return append(h, set)
		}
		for word, carry := range set {
			set[word] = h[digit][word] & carry
			h[digit][word] ^= carry
		}
	}
	return h
}

// Minus counts one person less in each minute of the set; ErrBadCount where there is none.
func (h Headcount) Minus(set MinuteSet) (Headcount, error) {
	for digit := 0; !set.IsEmpty(); digit++ {
		if digit == len(h) {
			return h, ErrBadCount
		}
		for word, borrow := range set {
			set[word] = borrow &^ h[digit][word] //nolint:gosec // both have a day's words
			h[digit][word] ^= borrow             //nolint:gosec // as above
		}
	}
	for len(h) > 0 && h[len(h)-1].IsEmpty() {
		h = h[:len(h)-1]
	}
	return h, nil
}

// Present is the minutes with one or more people.
func (h Headcount) Present() MinuteSet {
	present := MinuteSet{}
	for _, digit := range h {
		present.Join(digit)
	}
	return present
}

// Sum is the minutes of [from, until), each as often as people were there.
func (h Headcount) Sum(from, until int) int {
	sum := 0
	for digit := range h {
		sum += h[digit].Count(from, until) << digit
	}
	return sum
}

// maxDigits is far more than people can be in one place.
const maxDigits = 32

func (h Headcount) append(to []byte) []byte {
	to = binary.AppendUvarint(to, uint64(len(h)))
	for digit := range h {
		to = h[digit].append(to)
	}
	return to
}

func readHeadcount(from []byte) (Headcount, []byte, error) {
	digits, size := binary.Uvarint(from)
	if size <= 0 || digits > maxDigits {
		return nil, nil, ErrBadCount
	}
	from = from[size:]
	count := make(Headcount, digits)
	var err error
	for digit := range count {
		if count[digit], from, err = readMinutes(from); err != nil {
			return nil, nil, err
		}
	}
	return count, from, nil
}
