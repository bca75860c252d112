package media

import "encoding/binary"

// The kinds of H.264 units (ITU-T H.264, table 7-1) that pictures are made of. Others are dropped: 6 is "supplemental
// information", where encoders write their settings and phones whatever they like, and 12 is filler.
const (
	nalSlice    = 1
	nalKeySlice = 5
	nalSPS      = 7
	nalPPS      = 8
	nalDelimit  = 9
	nalKind     = 0x1f
)

// avcConfig is the decoder's configuration (ISO/IEC 14496-15, 5.3.3.1), as far as it is understood.
type avcConfig struct {
	clean   []byte // to be written
	lengths int    // bytes of the length before each unit
}

//nolint:gocyclo // one look at each field, in their order
func readAVC(body []byte) (avcConfig, error) {
	if len(body) < 7 || body[0] != 1 {
		return avcConfig{}, errCut
	}
	config := avcConfig{lengths: int(body[4]&3) + 1}
	if config.lengths == 3 {
		return config, errForm
	}
	at := 5
	for _, want := range []byte{nalSPS, nalPPS} {
		if at >= len(body) {
			return config, errCut
		}
		count := int(body[at])
		if want == nalSPS {
			count &= nalKind
		}
		if count < 1 || count > 16 {
			return config, errForm
		}
		at++
		for range count {
			if at+2 > len(body) {
				return config, errCut
			}
			size := int(binary.BigEndian.Uint16(body[at:]))
			if size < 1 || size > 1024 || at+2+size > len(body) || body[at+2]&nalKind != want {
				return config, errForm
			}
			at += 2 + size
		}
	}
	config.clean = append([]byte{}, body[:at]...)
	if profile := body[1]; len(body) >= at+4 && (profile == 100 || profile == 110 || profile == 122 || profile == 144) {
		config.clean = append(config.clean, body[at]|0xfc, body[at+1]|0xf8, body[at+2]|0xf8, 0) // chroma and depths; no extensions
	}
	return config, nil
}

// units copies a sample's units that pictures are made of. The units must fill the sample exactly.
func (c avcConfig) units(out, sample []byte) ([]byte, error) {
	for at := 0; at < len(sample); {
		if at+c.lengths >= len(sample) {
			return nil, errCut
		}
		size := 0
		for _, one := range sample[at:][:c.lengths] {
			size = size<<8 | int(one)
		}
		end := at + c.lengths + size
		if size < 1 || end > len(sample) || sample[at+c.lengths]&0x80 != 0 {
			return nil, errCut
		}
		switch sample[at+c.lengths] & nalKind {
		case nalSlice, nalKeySlice, nalSPS, nalPPS, nalDelimit:
			out = append(out, sample[at:end]...)
		case 2, 3, 4: // a picture in partitions: no phone makes it
			return nil, errForm
		}
		at = end
	}
	return out, nil
}

// readAAC finds the decoder's configuration of AAC in an esds box (ISO/IEC 14496-1, 7.2.6): the AudioSpecificConfig.
func readAAC(body []byte) ([]byte, error) {
	if len(body) < 4 {
		return nil, errCut
	}
	stream, err := descriptor(body[4:], 3)
	if err != nil || len(stream) < 3 || stream[2] != 0 { // no dependence, no address, no clock stream
		return nil, errForm
	}
	decoder, err := descriptor(stream[3:], 4)
	if err != nil || len(decoder) < 13 || decoder[0] != 0x40 || decoder[1]>>2 != 5 { // MPEG-4 audio, a sound stream
		return nil, errForm
	}
	config, err := descriptor(decoder[13:], 5)
	if err != nil || len(config) < 2 || len(config) > 16 {
		return nil, errForm
	}
	switch config[0] >> 3 {
	case 2, 5, 29: // AAC-LC, HE-AAC, HE-AAC v2
		return config, nil
	default:
		return nil, errForm
	}
}

// descriptor reads one descriptor with a tag; its size is written in sevens of bits, at most four.
func descriptor(data []byte, tag byte) ([]byte, error) {
	if len(data) < 2 || data[0] != tag {
		return nil, errForm
	}
	size := 0
	for at := 1; at <= 4 && at < len(data); at++ {
		size = size<<7 | int(data[at]&0x7f)
		if data[at]&0x80 == 0 {
			if size > len(data)-at-1 {
				return nil, errCut
			}
			return data[at+1:][:size], nil
		}
	}
	return nil, errCut
}

// writeAAC writes an esds box around a configuration.
func (w *boxWriter) writeAAC(config []byte) {
	size := byte(len(config)) //nolint:gosec // at most 16
	w.full("esds", 0, 0, func() {
		w.bytes(3, 3+2+13+2+size+3, 0, 0, 0)
		w.bytes(4, 13+2+size, 0x40, 0x15, 0, 0, 0)
		w.u32(0, 0) // bit rates: not told
		w.bytes(5, size)
		w.bytes(config...)
		w.bytes(6, 1, 2)
	})
}

// The elements of an AAC frame (ISO/IEC 14496-3, table 4.85) that carry anything but sound.
const (
	aacData = 4
	aacFill = 6
)

// blankAAC empties the fill and data elements that a frame begins with: encoders write their names there. What comes
// behind the first element of sound is not looked for: it cannot be found without decoding the sound.
func blankAAC(frame []byte) {
	at, end := 0, len(frame)*8
	take := func(bits int) (value int) {
		for ; bits > 0; bits-- {
			value <<= 1
			if at < end {
				value |= int(frame[at/8]>>(7-at%8)) & 1
			}
			at++
		}
		return value
	}
	for at < end {
		var size int
		switch take(3) {
		case aacFill:
			if size = take(4); size == 15 {
				size += take(8) - 1
			}
		case aacData:
			take(4)
			aligned := take(1) == 1
			if size = take(8); size == 255 {
				size += take(8)
			}
			if aligned {
				at = (at + 7) / 8 * 8
			}
		default:
			return
		}
		for stop := min(at+size*8, end); at < stop; at++ {
			frame[at/8] &^= 1 << (7 - at%8)
		}
	}
}
