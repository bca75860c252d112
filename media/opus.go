package media

import (
	"encoding/binary"
	"time"

	"xunfang/models"
)

// An Ogg page (RFC 3533): head, a table of segment sizes, segments.
const (
	oggMark       = "OggS"
	oggHead       = 27
	oggContinued  = 1
	oggFirst      = 2
	oggLast       = 4
	opusRate      = 48_000 // of every granule position (RFC 7845, 4)
	maxOpusPacket = 61_440 // bytes (RFC 7845, 6)
	noGranule     = ^uint64(0)
)

// oggSerial is the number of the only stream: what came could say which app made it.
const oggSerial = 1

func isOgg(data []byte) bool { return len(data) >= oggHead && string(data[:4]) == oggMark }

// oggPage is one page; its segments belong to packets of which the last may go on in the next page.
type oggPage struct {
	flags   byte
	granule uint64
	serial  uint32
	table   []byte
	body    []byte
}

// nextPage reads the page at the front and gives what follows it. The checksum must be right.
func nextPage(data []byte) (page oggPage, rest []byte, err error) {
	if !isOgg(data) || data[4] != 0 {
		return page, nil, errCut
	}
	table := oggHead + int(data[26])
	if table > len(data) {
		return page, nil, errCut
	}
	page = oggPage{
		flags: data[5], granule: binary.LittleEndian.Uint64(data[6:]), serial: binary.LittleEndian.Uint32(data[14:]),
		table: data[oggHead:table],
	}
	size := 0
	for _, segment := range page.table {
		size += int(segment)
	}
	if table+size > len(data) {
		return page, nil, errCut
	}
	page.body = data[table:][:size]
	if oggSum(data[:22], []byte{0, 0, 0, 0}, data[26:table+size]) != binary.LittleEndian.Uint32(data[22:]) {
		return page, nil, errUnsettled
	}
	return page, data[table+size:], nil
}

// append writes a page under our own serial number and a number.
func (p oggPage) append(out []byte, number uint32) []byte {
	start := len(out)
	out = append(append(out, oggMark...), 0, p.flags)
	out = binary.LittleEndian.AppendUint64(out, p.granule)
	out = binary.LittleEndian.AppendUint32(out, oggSerial)
	out = binary.LittleEndian.AppendUint32(out, number)
	out = append(out, 0, 0, 0, 0, byte(len(p.table))) //nolint:gosec // it came from a byte
	out = append(append(out, p.table...), p.body...)
	binary.LittleEndian.PutUint32(out[start+22:], oggSum(out[start:]))
	return out
}

// oggTable are the steps of Ogg's checksum: CRC-32 of 0x04c11db7, most significant bit first, from zero.
var oggTable = func() (table [256]uint32) {
	for at := range table {
		sum := uint32(at) << 24
		for range 8 {
			top := sum >> 31
			sum = sum<<1 ^ top*0x04c11db7
		}
		table[at] = sum
	}
	return table
}()

func oggSum(parts ...[]byte) (sum uint32) {
	for _, part := range parts {
		for _, one := range part {
			sum = sum<<8 ^ oggTable[byte(sum>>24)^one]
		}
	}
	return sum
}

// cleanOpus keeps the head and the sound of the one Opus stream of an Ogg file; the page of comments between them is
// written empty, and every page gets our own numbers.
func cleanOpus(data []byte) (Recording, error) {
	first, rest, err := nextPage(data)
	if err != nil {
		return Recording{}, err
	}
	head := first.body
	if first.flags != oggFirst || len(head) != 19 || len(first.table) != 1 || string(head[:8]) != "OpusHead" ||
		head[8] != 1 || head[9] < 1 || head[9] > 2 || head[18] != 0 { // version 1, mono or stereo, channel family 0
		return Recording{}, errForm
	}
	for at, sounded := 0, false; !sounded; at++ { // the comments end their page (RFC 7845, 3)
		var page oggPage
		if page, rest, err = nextPage(rest); err != nil {
			return Recording{}, err
		}
		if page.serial != first.serial || len(page.table) == 0 || at == 0 && (len(page.body) < 8 || string(page.body[:8]) != "OpusTags") {
			return Recording{}, errForm
		}
		sounded = page.table[len(page.table)-1] != 255
	}
	first.granule = 0
	rewritten := append([]byte{}, head[:12]...)
	rewritten = append(rewritten, 0x80, 0xbb, 0, 0) // the rate of what was recorded is only told: 48,000
	first.body = append(rewritten, head[16:]...)
	out := first.append(make([]byte, 0, len(data)), 0)
	out = oggPage{table: []byte{16}, body: []byte("OpusTags\x00\x00\x00\x00\x00\x00\x00\x00")}.append(out, 1)
	sound := opusSound{serial: first.serial, skip: uint64(binary.LittleEndian.Uint16(head[10:]))}
	if out, err = sound.pages(out, rest); err != nil {
		return Recording{}, err
	}
	return Recording{Bytes: out, ContentType: models.ContentOgg, Duration: sound.duration()}, nil
}

// opusSound is what is known of the sound while its pages go by.
type opusSound struct {
	serial  uint32
	skip    uint64 // samples at the start that nobody hears
	samples uint64 // of all packets
	granule uint64
	packet  []byte // begun and not yet whole
	begun   bool
	ended   bool
}

func (s *opusSound) pages(out, rest []byte) ([]byte, error) {
	for number := uint32(2); len(rest) > 0; number++ {
		var page oggPage
		var err error
		if page, rest, err = nextPage(rest); err != nil {
			return nil, err
		}
		if s.ended || page.serial != s.serial || page.flags&oggFirst != 0 || page.flags&oggContinued != 0 != s.begun {
			return nil, errUnsettled
		}
		if err := s.packets(page); err != nil {
			return nil, err
		}
		if page.granule != noGranule {
			if page.granule < s.granule || page.granule > s.samples+opusRate {
				return nil, errUnsettled
			}
			s.granule = page.granule
		}
		s.ended = page.flags&oggLast != 0
		out = page.append(out, number)
	}
	if s.begun {
		return nil, errCut
	}
	return out, nil
}

// packets counts the samples of the packets that end in a page.
func (s *opusSound) packets(page oggPage) error {
	body := page.body
	for _, size := range page.table {
		s.packet, body, s.begun = append(s.packet, body[:size]...), body[size:], size == 255
		if len(s.packet) > maxOpusPacket {
			return errLong
		}
		if s.begun {
			continue
		}
		samples, ok := opusSamples(s.packet)
		if !ok {
			return errForm
		}
		s.samples += samples
		s.packet = s.packet[:0]
	}
	return nil
}

func (s *opusSound) duration() time.Duration {
	heard := min(s.granule, s.samples)
	if heard <= s.skip || heard > opusRate*3600 {
		if heard <= s.skip {
			return 0
		}
		return time.Hour // longer than anything that is taken
	}
	return time.Duration(heard-s.skip) * time.Second / opusRate
}

// opusSamples is how long a packet sounds, by its first bytes (RFC 6716, 3.1 and 3.2): at most 120 ms.
func opusSamples(packet []byte) (uint64, bool) {
	if len(packet) == 0 {
		return 0, false
	}
	mode, count := packet[0]>>3, uint64(1)
	var frame uint64
	switch {
	case mode < 12:
		frame = []uint64{480, 960, 1920, 2880}[mode&3]
	case mode < 16:
		frame = []uint64{480, 960}[mode&1]
	default:
		frame = []uint64{120, 240, 480, 960}[mode&3]
	}
	switch packet[0] & 3 {
	case 1, 2:
		count = 2
	case 3:
		if len(packet) < 2 {
			return 0, false
		}
		count = uint64(packet[1] & 0x3f)
	}
	return count * frame, count > 0 && count*frame <= 5760
}
