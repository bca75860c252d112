package media

import (
	"encoding/binary"
	"slices"
)

// sample is one frame: where it lies in the file that came, and its size in what is written.
type mp4Sample struct {
	at, size int
	made     int
}

// mp4Chunk is a run of samples that lie one behind the other.
type mp4Chunk struct {
	at      int // in the file that came
	first   int // sample
	count   int
	writeAt uint32 // in the file that is written
}

// mp4Track is one track of pictures or sound, as far as it is written again.
type mp4Track struct {
	video         bool
	width, height uint16
	turn          [4]uint32 // the matrix's a, b, c, d
	scale         uint32    // units of its time in a second
	duration      uint64    // in its time
	avc           avcConfig
	colour        []byte // colr of the kind nclx, pasp: how to show the pictures
	ratio         []byte
	aac           []byte
	channels      uint16
	rate          uint32
	times         []byte // entries of stts, ctts, stss and elst
	shifts        []byte
	shiftVersion  byte
	keys          []byte
	edits         [][3]uint64
	samples       []mp4Sample
	chunks        []mp4Chunk
}

// unturned is the matrix of pictures that are shown as they are; the others are those of a phone held otherwise.
var unturned = [4]uint32{0x10000, 0, 0, 0x10000}

var turns = [][4]uint32{
	unturned, {0, 0x10000, 0xffff0000, 0}, {0xffff0000, 0, 0, 0xffff0000}, {0, 0xffff0000, 0x10000, 0},
}

// readTrack reads a trak box; nil for a track that is neither pictures nor sound, which is dropped.
func readTrack(body []byte) (*mp4Track, error) {
	boxes, err := boxesOf(body)
	if err != nil {
		return nil, err
	}
	media, err := inside(body, "mdia")
	if err != nil {
		return nil, err
	}
	handler, err := need(media, "hdlr", 12)
	if err != nil {
		return nil, err
	}
	track := &mp4Track{video: string(handler[8:12]) == "vide"}
	if !track.video && string(handler[8:12]) != "soun" {
		return nil, nil //nolint:nilnil // there is such a track, and it is of no interest
	}
	header, err := need(boxes, "tkhd", 84)
	if err == nil {
		err = track.readHeads(header, media)
	}
	if err == nil {
		err = track.readEdits(boxes)
	}
	if err != nil {
		return nil, err
	}
	tables, err := inside(body, "mdia", "minf", "stbl")
	if err == nil {
		err = track.readEntry(tables)
	}
	if err == nil {
		err = track.readTables(tables)
	}
	return track, err
}

// readHeads reads how the track is turned, and its clock.
func (t *mp4Track) readHeads(header []byte, media []box) error {
	matrix := header[40:]
	if header[0] == 1 {
		if len(header) < 96 {
			return errCut
		}
		matrix = header[52:]
	}
	t.turn = unturned
	word := func(at int) uint32 { return binary.BigEndian.Uint32(matrix[at*4:]) }
	if given := [4]uint32{word(0), word(1), word(3), word(4)}; slices.Contains(turns, given) {
		t.turn = given
	}
	clock, err := need(media, "mdhd", 24)
	if err != nil {
		return err
	}
	t.scale = binary.BigEndian.Uint32(clock[12:])
	if clock[0] == 1 {
		t.scale = binary.BigEndian.Uint32(clock[20:])
	}
	if t.scale < 1 || t.scale > 10_000_000 {
		return errForm
	}
	return nil
}

// readEdits reads how the track's time lies in the film's, as encoders need for the silence they begin with.
func (t *mp4Track) readEdits(boxes []box) error {
	outer, err := only(boxes, "edts")
	if err != nil || outer == nil {
		return err
	}
	inner, err := boxesOf(outer)
	if err != nil {
		return err
	}
	list, err := need(inner, "elst", 8)
	if err != nil {
		return err
	}
	width := 12
	if list[0] == 1 {
		width = 20
	}
	entries, count, err := table(list, width)
	if err != nil || count > 8 {
		return errForm
	}
	for at := range count {
		entry := entries[at*width:]
		edit := [3]uint64{uint64(binary.BigEndian.Uint32(entry)), uint64(int64(int32(binary.BigEndian.Uint32(entry[4:])))), uint64(binary.BigEndian.Uint32(entry[width-4:]))} //nolint:gosec,lll // bits
		if width == 20 {
			edit[0], edit[1] = binary.BigEndian.Uint64(entry), binary.BigEndian.Uint64(entry[8:])
		}
		t.edits = append(t.edits, edit)
	}
	return nil
}

// readEntry reads the one description of the track's frames.
func (t *mp4Track) readEntry(tables []box) error {
	list, err := need(tables, "stsd", 8)
	if err != nil {
		return err
	}
	entries, err := boxesOf(list[8:])
	if err != nil || len(entries) != 1 || binary.BigEndian.Uint32(list[4:]) != 1 {
		return errForm
	}
	entry := entries[0]
	if t.video {
		return t.readPictures(entry)
	}
	const fixed = 28
	if entry.kind != "mp4a" || len(entry.body) < fixed || binary.BigEndian.Uint16(entry.body[8:]) != 0 {
		return errForm
	}
	t.channels, t.rate = binary.BigEndian.Uint16(entry.body[16:]), binary.BigEndian.Uint32(entry.body[24:])
	inner, err := boxesOf(entry.body[fixed:])
	if err != nil {
		return err
	}
	config, err := need(inner, "esds", 4)
	if err != nil {
		return err
	}
	t.aac, err = readAAC(config)
	return err
}

func (t *mp4Track) readPictures(entry box) error {
	const fixed, maxSide = 78, 4096
	if entry.kind != "avc1" || len(entry.body) < fixed {
		return errForm
	}
	t.width, t.height = binary.BigEndian.Uint16(entry.body[24:]), binary.BigEndian.Uint16(entry.body[26:])
	if t.width < 1 || t.height < 1 || t.width > maxSide || t.height > maxSide {
		return errForm
	}
	inner, err := boxesOf(entry.body[fixed:])
	if err != nil {
		return err
	}
	config, err := need(inner, "avcC", 7)
	if err != nil {
		return err
	}
	for _, one := range inner {
		switch {
		case one.kind == "colr" && len(one.body) == 11 && string(one.body[:4]) == "nclx":
			t.colour = one.body
		case one.kind == "pasp" && len(one.body) == 8:
			t.ratio = one.body
		}
	}
	t.avc, err = readAVC(config)
	return err
}
