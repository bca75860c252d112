package media

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

// boxed writes a box.
func boxed(kind, body string) string {
	return string(binary.BigEndian.AppendUint32(nil, uint32(len(body)+8))) + kind + body
}

// changed rebuilds a film, giving every box that lies at the path to change: its body becomes what change returns.
func changed(t testing.TB, data []byte, change func(body string) string, path ...string) []byte {
	t.Helper()
	if len(path) == 0 {
		return []byte(change(string(data)))
	}
	found, out := false, []byte{}
	for at := 0; at+8 <= len(data); {
		size := int(binary.BigEndian.Uint32(data[at:]))
		kind, body := string(data[at+4:at+8]), data[at+8:at+size]
		if kind == path[0] {
			found, body = true, changed(t, body, change, path[1:]...)
		}
		out = append(out, boxed(kind, string(body))...)
		at += size
	}
	if !found {
		t.Fatalf("control: no box %s", path[0])
	}
	return out
}

func adding(more string) func(string) string {
	return func(body string) string { return body + more }
}

// setting puts bytes at an offset of a body.
func setting(at int, with ...byte) func(string) string {
	return func(body string) string { return body[:at] + string(with) + body[at+len(with):] }
}

// kinds are those of the boxes that a clean film consists of.
func kinds(t *testing.T, data []byte, into map[string]bool) {
	t.Helper()
	boxes, err := boxesOf(data)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range boxes {
		into[one.kind] = true
		if slices.Contains([]string{"moov", "trak", "mdia", "minf", "stbl", "edts", "dinf"}, one.kind) {
			kinds(t, one.body, into)
		}
	}
}

// What lies anywhere in a film beside its frames stays behind: the film that comes out is the same to the byte.
func TestFilmsLoseEveryOtherBox(t *testing.T) {
	film := recorded(t, "film.mp4")
	want, err := CleanRecording(film)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	kinds(t, want.Bytes, found)
	for kind := range found {
		if !strings.Contains("ftyp moov mdat mvhd trak tkhd edts elst mdia mdhd hdlr minf vmhd smhd dinf dref stbl stsd stts ctts stss stsc stsz stco", kind) {
			t.Errorf("a box %q is in it", kind)
		}
	}
	secret := boxed("uuid", "0123456789abcdefCANARY") + boxed("free", "CANARY") + boxed("meta", "CANARY") + boxed("udta", boxed("\xa9nam", "CANARY")) + boxed("XtrA", "CANARY")
	position := boxed("trak", boxed("mdia", boxed("hdlr", "\x00\x00\x00\x00\x00\x00\x00\x00meta\x00\x00\x00\x00CANARY positions")))
	for name, data := range map[string][]byte{
		"in the film":            changed(t, film, adding(secret), "moov"),
		"a track of positions":   changed(t, film, adding(position), "moov"),
		"in the tracks":          changed(t, film, adding(secret), "moov", "trak"),
		"in the media":           changed(t, film, adding(secret), "moov", "trak", "mdia"),
		"beside the tables":      changed(t, film, adding(secret), "moov", "trak", "mdia", "minf"),
		"among the tables":       changed(t, film, adding(secret), "moov", "trak", "mdia", "minf", "stbl"),
		"in the edits":           changed(t, film, adding(secret), "moov", "trak", "edts"),
		"behind the frames":      append(bytes.Clone(film), boxed("mdat", "CANARY and PK\x05\x06 as well")...),
		"free at the end":        append(bytes.Clone(film), boxed("free", "CANARY")...),
		"meta at the top":        append(bytes.Clone(film), secret[:len(secret)-len(boxed("XtrA", "CANARY"))]...),
		"in the handler's name":  changed(t, film, adding("CANARY"), "moov", "trak", "mdia", "hdlr"),
		"between the brands":     changed(t, film, setting(4, 'C', 'A', 'N', 'A'), "ftyp"),
		"in the header's unused": changed(t, film, setting(76, []byte("CANARY")...), "moov", "mvhd"),
	} {
		made, err := CleanRecording(data)
		if err != nil || !bytes.Equal(made.Bytes, want.Bytes) {
			t.Errorf("%s: %d bytes, want %d: %v", name, len(made.Bytes), len(want.Bytes), err)
		}
	}
}

func TestFilmsThatAreNotTaken(t *testing.T) {
	film := recorded(t, "film.mp4")
	stbl := func(kind string) []string { return []string{"moov", "trak", "mdia", "minf", "stbl", kind} }
	bomb := boxed("free", "")
	for range 12 {
		bomb = boxed("moov", bomb)
	}
	for name, data := range map[string][]byte{
		"bytes behind it":             append(bytes.Clone(film), "CANARY"...),
		"a box nobody knows":          append(bytes.Clone(film), boxed("XtrA", "CANARY")...),
		"a fragment":                  append(bytes.Clone(film), boxed("moof", "")...),
		"a film in a film":            append(bytes.Clone(film), boxed("moov", "")...),
		"boxes in boxes":              append([]byte(boxed("ftyp", "isom\x00\x00\x00\x00isom")), bomb...),
		"hundreds of boxes":           append(bytes.Clone(film), strings.Repeat(boxed("free", ""), 100)...),
		"no film":                     []byte(boxed("ftyp", "isom\x00\x00\x00\x00isom") + boxed("mdat", "CANARY")),
		"a third track":               changed(t, film, func(body string) string { return body + body[strings.Index(body, "trak")-4:] }, "moov"),
		"a box to the end":            append(bytes.Clone(film), "\x00\x00\x00\x00mdatCANARY"...),
		"a box without a size":        append(bytes.Clone(film), "\x00\x00\x00\x07free"...),
		"a size beyond 64 bits":       append(bytes.Clone(film), "\x00\x00\x00\x01mdat\xff\xff\xff\xff\xff\xff\xff\xffCANARY"...),
		"another codec":               changed(t, film, func(body string) string { return strings.Replace(body, "avc1", "hvc1", 1) }, "moov"),
		"another sound":               changed(t, film, func(body string) string { return strings.Replace(body, "mp4a", "alac", 1) }, "moov"),
		"a clock that stands":         changed(t, film, setting(12, 0, 0, 0, 0), "moov", "mvhd"),
		"a track's clock that stands": changed(t, film, setting(12, 0, 0, 0, 0), "moov", "trak", "mdia", "mdhd"),
		"a billion frames":            changed(t, film, setting(8, 0x40, 0, 0, 0), stbl("stsz")...),
		"frames of no size":           changed(t, film, setting(12, 0, 0, 0, 0), stbl("stsz")...),
		"a frame beyond the end":      changed(t, film, setting(12, 0, 0xff, 0xff, 0xff), stbl("stsz")...),
		"frames outside the data":     changed(t, film, setting(8, 0, 0, 0, 4), stbl("stco")...),
		"frames far outside":          changed(t, film, setting(8, 0xff, 0xff, 0xff, 0xff), stbl("stco")...),
		"runs without end":            changed(t, film, setting(12, 0, 1, 0, 0), stbl("stsc")...),
		"an hour":                     changed(t, film, setting(12, 0, 0xff, 0xff, 0xff), stbl("stts")...),
		"a billion times":             changed(t, film, setting(8, 0x40, 0, 0, 0), stbl("stts")...),
		"one time less":               changed(t, film, setting(11, 9), stbl("stts")...),
		"units that overrun":          nalOverrun(t, film),
		"an edit beyond the end":      changed(t, film, setting(12, 0x7f), "moov", "trak", "edts", "elst"),
		"an edit that races":          changed(t, film, setting(16, 0, 2), "moov", "trak", "edts", "elst"),
	} {
		if made, err := CleanRecording(data); models.CodeOf(err) != models.CodeNotARecording || made.Bytes != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// nalOverrun gives the first picture's first unit a size beyond its sample.
func nalOverrun(t *testing.T, film []byte) []byte {
	t.Helper()
	boxes, err := boxesOf(film)
	if err != nil {
		t.Fatal(err)
	}
	data := bytes.Clone(film)
	for _, one := range boxes {
		if one.kind == "mdat" {
			data[one.at] = 0x7f
		}
	}
	return data
}

// A film of a minute is taken, one of two is not.
func TestFilmsAreShort(t *testing.T) {
	film := recorded(t, "film.mp4")
	lasting := func(scale byte) []byte { // 10 pictures a second; another second makes them last longer
		data := changed(t, film, func(body string) string { return body }, "moov")
		at := bytes.Index(data, []byte("mdhd"))
		binary.BigEndian.PutUint32(data[at+4+12:], 10240/uint32(scale))
		return data
	}
	if made, err := CleanRecording(lasting(60)); err != nil || made.Duration < 59*time.Second || made.Duration > maxVideo {
		t.Errorf("a minute: %s, %v", made.Duration, err)
	}
	if _, err := CleanRecording(lasting(62)); models.CodeOf(err) != models.CodeNotARecording {
		t.Errorf("62 s: %v", err)
	}
}

// Samples that share bytes would make a large film of a small file.
func TestFilmsDoNotGrow(t *testing.T) {
	voice := recorded(t, "voice.m4a")
	table := func(body string) string { // 30,000 frames of 300 bytes, all at one place
		return body[:4] + "\x00\x00\x01\x2c" + "\x00\x00\x75\x30"
	}
	path := []string{"moov", "trak", "mdia", "minf", "stbl"}
	data := changed(t, voice, table, append(slices.Clone(path), "stsz")...)
	start := binary.BigEndian.AppendUint32(nil, 0)
	start = binary.BigEndian.AppendUint32(start, 30_000)
	offset := voice[bytes.Index(voice, []byte("stco"))+12:][:4]
	data = changed(t, data, func(string) string { return string(start) + strings.Repeat(string(offset), 30_000) }, append(slices.Clone(path), "stco")...)
	data = changed(t, data, func(string) string {
		return "\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x01"
	}, append(slices.Clone(path), "stsc")...)
	data = changed(t, data, func(string) string { return "\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x75\x30\x00\x00\x00\x01" }, append(slices.Clone(path), "stts")...)
	if _, err := CleanRecording(data); models.CodeOf(err) != models.CodeNotARecording {
		t.Errorf("taken: %v", err)
	}
}

// Where and when a film was made is read from where phones write it, before it goes.
func TestTakenOfFilms(t *testing.T) {
	place := boxed("udta", boxed("\xa9xyz", "\x00\x12\x15\xc7+30.5203+105.6008/"))
	film := changed(t, recorded(t, "film.mp4"), func(body string) string {
		return strings.Replace(body, "udta", "skip", 1) + place
	}, "moov")
	made, err := CleanRecording(film)
	if err != nil || !made.Taken.Zoned || made.Taken.At.Format(time.RFC3339) != "2026-11-24T01:48:30Z" || made.Taken.Position == nil ||
		math.Abs(made.Taken.Position.Lat-30.5203) > 1e-9 || math.Abs(made.Taken.Position.Lng-105.6008) > 1e-9 {
		t.Errorf("%+v, %v", made.Taken, err)
	}
	if bytes.Contains(made.Bytes, []byte("30.5203")) {
		t.Error("the place is still in it")
	}
}

// 64-bit offsets are read as 32-bit ones.
func TestFilmsWithLongOffsets(t *testing.T) {
	film := recorded(t, "film.mp4")
	want, err := CleanRecording(film)
	if err != nil {
		t.Fatal(err)
	}
	data := changed(t, film, func(body string) string {
		at := strings.Index(body, "stco") - 4
		size := int(binary.BigEndian.Uint32([]byte(body[at:])))
		table, wide := body[at+8:at+size], body[at+8:at+16]
		for entry := 8; entry < len(table); entry += 4 {
			wide += "\x00\x00\x00\x00" + table[entry:entry+4]
		}
		return body[:at] + boxed("co64", wide) + body[at+size:]
	}, "moov", "trak", "mdia", "minf", "stbl")
	got, err := CleanRecording(data)
	if err != nil || !bytes.Equal(got.Bytes, want.Bytes) {
		t.Errorf("%d bytes, want %d: %v", len(got.Bytes), len(want.Bytes), err)
	}
}
