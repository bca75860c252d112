package media

import "encoding/binary"

// What is read of an MP4 (ISO/IEC 14496-12) is bounded by these: nothing nests deeper than the walk below asks for.
const (
	maxBoxes   = 64     // in one box
	maxSamples = 40_000 // of one track: five minutes of sound have 15,000
)

// box is one box: its kind and what is in it.
type box struct {
	kind string
	at   int // of the body, in the file, for those at its top
	body []byte
}

// boxesOf splits a body into boxes that fill it to the last byte.
func boxesOf(data []byte) ([]box, error) {
	found := []box{}
	for at := 0; at < len(data); {
		if len(data)-at < 8 {
			return nil, errCut
		}
		if len(found) == maxBoxes {
			return nil, errLong
		}
		size, head := uint64(binary.BigEndian.Uint32(data[at:])), 8
		kind := string(data[at+4 : at+8])
		if size == 1 {
			if len(data)-at < 16 {
				return nil, errCut
			}
			size, head = binary.BigEndian.Uint64(data[at+8:]), 16
		}
		if size < uint64(head) || size > uint64(len(data)-at) { // 0, "to the end", included
			return nil, errCut
		}
		found = append(found, box{kind: kind, at: at + head, body: data[at+head : at+int(size)]}) //nolint:gosec // within data
		at += int(size)                                                                           //nolint:gosec // as above
	}
	return found, nil
}

// only gives the one box of a kind; nil when there is none, an error when there are several.
func only(boxes []box, kind string) ([]byte, error) {
	var found []byte
	for _, one := range boxes {
		if one.kind != kind {
			continue
		}
		if found != nil {
			return nil, errUnsettled
		}
		found = one.body
		if found == nil {
			found = []byte{}
		}
	}
	return found, nil
}

// need is only for a box that must be there and hold at least so many bytes.
func need(boxes []box, kind string, least int) ([]byte, error) {
	body, err := only(boxes, kind)
	if err == nil && len(body) < least {
		err = errCut
	}
	return body, err
}

// inside follows a path of boxes that must each be there once.
func inside(data []byte, path ...string) ([]box, error) {
	boxes, err := boxesOf(data)
	for _, kind := range path {
		var body []byte
		if err == nil {
			body, err = need(boxes, kind, 0)
		}
		if err == nil && body == nil {
			err = errCut
		}
		if err == nil {
			boxes, err = boxesOf(body)
		}
	}
	return boxes, err
}

// table reads a full box that counts its entries, each of so many bytes; version and flags stand before the count.
func table(body []byte, width int) ([]byte, int, error) {
	const skip = 4
	if len(body) < skip+4 {
		return nil, 0, errCut
	}
	count := binary.BigEndian.Uint32(body[skip:])
	if count > maxSamples {
		return nil, 0, errLong
	}
	entries := body[skip+4:]
	if len(entries) != int(count)*width {
		return nil, 0, errCut
	}
	return entries, int(count), nil
}

// boxWriter writes boxes; their sizes are filled in as they end.
type boxWriter struct{ out []byte }

// box writes one box around what content writes.
func (w *boxWriter) box(kind string, content func()) {
	start := len(w.out)
	w.out = append(append(w.out, 0, 0, 0, 0), kind...)
	content()
	binary.BigEndian.PutUint32(w.out[start:], uint32(len(w.out)-start)) //nolint:gosec // at most 31 MiB
}

// full is box for those with a version and flags.
func (w *boxWriter) full(kind string, version byte, flags uint32, content func()) {
	w.box(kind, func() {
		w.u32(uint32(version)<<24 | flags)
		content()
	})
}

func (w *boxWriter) u16(values ...uint16) {
	for _, value := range values {
		w.out = binary.BigEndian.AppendUint16(w.out, value)
	}
}

func (w *boxWriter) u32(values ...uint32) {
	for _, value := range values {
		w.out = binary.BigEndian.AppendUint32(w.out, value)
	}
}

func (w *boxWriter) u64(value uint64) { w.out = binary.BigEndian.AppendUint64(w.out, value) }

func (w *boxWriter) bytes(data ...byte) { w.out = append(w.out, data...) }
