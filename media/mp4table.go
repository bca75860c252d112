package media

import "encoding/binary"

// readTables reads where the samples lie and when they are shown. Every table must agree with the others.
func (t *mp4Track) readTables(tables []box) error {
	for _, read := range []func([]box) error{t.readSizes, t.readChunks, t.readTimes, t.readShifts} {
		if err := read(tables); err != nil {
			return err
		}
	}
	return nil
}

func (t *mp4Track) readSizes(tables []box) error {
	body, err := need(tables, "stsz", 12)
	if err != nil {
		return err
	}
	count := int(binary.BigEndian.Uint32(body[8:]))
	if count < 1 || count > maxSamples {
		return errLong
	}
	same := int(binary.BigEndian.Uint32(body[4:]))
	if same == 0 && len(body) != 12+4*count {
		return errCut
	}
	t.samples = make([]mp4Sample, count)
	for at := range t.samples {
		if t.samples[at].size = same; same == 0 {
			t.samples[at].size = int(binary.BigEndian.Uint32(body[12+4*at:]))
		}
		if t.samples[at].size < 1 || t.samples[at].size > maxRecording {
			return errForm
		}
	}
	return nil
}

// readChunks puts the samples where they lie: stco or co64 says where each run begins, stsc how many are in it.
//
//nolint:gocyclo // the tables are checked against one another
func (t *mp4Track) readChunks(tables []box) error {
	starts, err := only(tables, "stco")
	width := 4
	if err == nil && starts == nil {
		starts, err = need(tables, "co64", 8)
		width = 8
	}
	if err != nil {
		return err
	}
	offsets, chunks, err := table(starts, width)
	if err != nil {
		return err
	}
	body, err := need(tables, "stsc", 8)
	if err != nil {
		return err
	}
	runs, count, err := table(body, 12)
	if err != nil || count < 1 || binary.BigEndian.Uint32(runs) != 1 {
		return errUnsettled
	}
	run, next := 0, 0
	for chunk := range chunks {
		if run+1 < count && binary.BigEndian.Uint32(runs[(run+1)*12:]) == uint32(chunk+1) {
			run++
		}
		offset := uint64(binary.BigEndian.Uint32(offsets[chunk*width:]))
		if width == 8 {
			offset = binary.BigEndian.Uint64(offsets[chunk*width:])
		}
		here := int(binary.BigEndian.Uint32(runs[run*12+4:]))
		if offset > maxRecording || here < 1 || here > len(t.samples)-next || binary.BigEndian.Uint32(runs[run*12+8:]) != 1 {
			return errUnsettled
		}
		at := int(offset)
		t.chunks = append(t.chunks, mp4Chunk{at: at, first: next, count: here})
		for ; here > 0; here-- {
			t.samples[next].at = at
			at += t.samples[next].size
			next++
		}
	}
	if next != len(t.samples) || run != count-1 {
		return errUnsettled
	}
	return nil
}

func (t *mp4Track) readTimes(tables []box) error {
	body, err := need(tables, "stts", 8)
	if err != nil {
		return err
	}
	entries, count, err := table(body, 8)
	if err != nil {
		return err
	}
	samples := uint64(0)
	for at := range count {
		many, each := uint64(binary.BigEndian.Uint32(entries[at*8:])), uint64(binary.BigEndian.Uint32(entries[at*8+4:]))
		samples += many
		if samples > maxSamples {
			return errUnsettled
		}
		t.duration += many * each
	}
	t.times = entries
	if samples != uint64(len(t.samples)) || t.duration > uint64(t.scale)*3600 {
		return errUnsettled
	}
	return nil
}

// readShifts reads which pictures are shown in another order than they are stored in, and which stand for themselves.
func (t *mp4Track) readShifts(tables []box) error {
	shifts, err := only(tables, "ctts")
	if err != nil {
		return err
	}
	if shifts != nil {
		entries, count, err := table(shifts, 8)
		if err != nil {
			return err
		}
		samples := uint64(0)
		for at := range count {
			samples += uint64(binary.BigEndian.Uint32(entries[at*8:]))
		}
		if samples != uint64(len(t.samples)) || shifts[0] > 1 {
			return errUnsettled
		}
		t.shifts, t.shiftVersion = entries, shifts[0]
	}
	keys, err := only(tables, "stss")
	if err != nil || keys == nil {
		return err
	}
	entries, count, err := table(keys, 4)
	if err != nil {
		return err
	}
	last := uint32(0)
	for at := range count {
		key := binary.BigEndian.Uint32(entries[at*4:])
		if key <= last || key > uint32(len(t.samples)) { //nolint:gosec // at most maxSamples
			return errUnsettled
		}
		last = key
	}
	t.keys = entries
	return nil
}
