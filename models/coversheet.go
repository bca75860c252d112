package models

import (
	"encoding/binary"
	"maps"
	"slices"
)

// CoverSheet is the counts of all places of one kind, under one mode, on one day of UTC.
type CoverSheet map[string]Headcount

// Change counts a person in the added minutes of a place, and no longer in the removed ones.
func (s CoverSheet) Change(place string, removed, added MinuteSet) error {
	count, err := s[place].Minus(removed)
	if err != nil {
		return err
	}
	if count = count.Plus(added); len(count) == 0 {
		delete(s, place)
	} else {
		s[place] = count
	}
	return nil
}

const sheetForm = 1 // as presenceForm

// Bytes is the sheet as it is stored: the same counts give the same bytes.
func (s CoverSheet) Bytes() []byte {
	data := binary.AppendUvarint([]byte{sheetForm}, uint64(len(s)))
	for _, place := range slices.Sorted(maps.Keys(s)) {
		data = s[place].append(appendWord(data, place))
	}
	return data
}

// ParseCoverSheet reads what Bytes wrote; nothing is a sheet without places.
func ParseCoverSheet(data []byte) (CoverSheet, error) {
	count, data, err := readCount(data, sheetForm)
	if err != nil {
		return nil, err
	}
	sheet := make(CoverSheet, count)
	for range count {
		place, rest, err := readWord(data)
		if err != nil {
			return nil, err
		}
		if sheet[place], data, err = readHeadcount(rest); err != nil {
			return nil, err
		}
	}
	return sheet, nil
}

func appendWord(to []byte, word string) []byte {
	return append(binary.AppendUvarint(to, uint64(len(word))), word...)
}

func readWord(from []byte) (string, []byte, error) {
	length, size := binary.Uvarint(from)
	if size <= 0 || uint64(len(from)-size) < length { //nolint:gosec // size is at most what there is
		return "", nil, ErrBadCount
	}
	end := size + int(length) //nolint:gosec // bounded by what is there
	return string(from[size:end]), from[end:], nil
}

// readCount reads the form and how many parts follow; a part has at least one byte.
func readCount(from []byte, form byte) (uint64, []byte, error) {
	if len(from) == 0 {
		return 0, nil, nil
	}
	count, size := binary.Uvarint(from[1:])
	if from[0] != form || size <= 0 || count > uint64(len(from)) {
		return 0, nil, ErrBadCount
	}
	return count, from[1+size:], nil
}
