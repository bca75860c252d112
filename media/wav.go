package media

import (
	"encoding/binary"
	"time"

	"xunfang/models"
)

const wavHead = 12 // "RIFF", size, "WAVE"

func isWAV(data []byte) bool {
	return len(data) >= wavHead && string(data[:4]) == "RIFF" && string(data[8:wavHead]) == "WAVE"
}

// cleanWAV keeps the form and the samples of uncompressed sound (RIFF WAVE, format 1): lists, cue points, broadcast
// data and whatever else a recorder adds go.
//
//nolint:gocyclo // one look at each field of the header, in their order
func cleanWAV(data []byte) (Recording, error) {
	if uint64(binary.LittleEndian.Uint32(data[4:]))+8 != uint64(len(data)) {
		return Recording{}, errCut
	}
	var form, samples []byte
	for at := wavHead; at < len(data); {
		if at+8 > len(data) {
			return Recording{}, errCut
		}
		size := uint64(binary.LittleEndian.Uint32(data[at+4:]))
		if size > uint64(len(data)-at-8) { //nolint:gosec // there are eight bytes more
			return Recording{}, errCut
		}
		body := data[at+8:][:size]
		switch kind := string(data[at : at+4]); {
		case kind == "fmt " && form == nil:
			form = body
		case kind == "data" && samples == nil && form != nil:
			samples = body
		case kind == "fmt ", kind == "data":
			return Recording{}, errUnsettled
		}
		at += 8 + int(size+size%2) //nolint:gosec // it lies within data
	}
	if len(form) < 16 || len(samples) == 0 {
		return Recording{}, errCut
	}
	channels, rate := binary.LittleEndian.Uint16(form[2:]), binary.LittleEndian.Uint32(form[4:])
	bits := binary.LittleEndian.Uint16(form[14:])
	frame := uint32(channels) * uint32(bits) / 8
	switch {
	case binary.LittleEndian.Uint16(form) != 1, channels < 1 || channels > 2, rate < 8000 || rate > 48_000, bits != 8 && bits != 16:
		return Recording{}, errForm
	case binary.LittleEndian.Uint32(form[8:]) != rate*frame, uint32(binary.LittleEndian.Uint16(form[12:])) != frame,
		uint32(len(samples))%frame != 0: //nolint:gosec // at most 30 MiB
		return Recording{}, errUnsettled
	}
	out := make([]byte, 0, 44+len(samples)+1)
	out = append(out, "RIFF\x00\x00\x00\x00WAVEfmt \x10\x00\x00\x00"...)
	out = append(append(out, form[:16]...), "data"...)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(samples))) //nolint:gosec // as above
	out = append(out, samples...)
	if len(samples)%2 == 1 {
		out = append(out, 0)
	}
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8)) //nolint:gosec // as above
	frames := time.Duration(uint32(len(samples)) / frame)      //nolint:gosec // as above
	length := time.Duration(int64(frames) * int64(time.Second) / int64(rate))
	return Recording{Bytes: out, ContentType: models.ContentWAV, Duration: length}, nil
}
