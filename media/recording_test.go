package media

import (
	"bytes"
	"encoding/binary"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

// recorded is a sample that FFmpeg made: H.264 with B pictures and AAC, AAC alone, or Opus, each with titles, comments,
// a date and the encoders' names in every place where it writes them.
func recorded(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// encoders name themselves in what they write.
var encoders = []string{secretText, "Lavf", "Lavc", "x264", "2026"}

func told(data []byte) []string {
	return slices.DeleteFunc(slices.Clone(encoders), func(word string) bool { return !bytes.Contains(data, []byte(word)) })
}

// wav is a WAVE file of uncompressed sound with chunks before and after it.
func wav(rate uint32, samples []byte, before, after string) []byte {
	form := binary.LittleEndian.AppendUint32([]byte{1, 0, 1, 0}, rate)
	form = append(binary.LittleEndian.AppendUint32(form, rate*2), 2, 0, 16, 0)
	body := "WAVE" + riff("fmt ", string(form)) + before + riff("data", string(samples)) + after
	return []byte(riff("RIFF", body))
}

func riff(kind, body string) string {
	text := kind + string(binary.LittleEndian.AppendUint32(nil, uint32(len(body)))) + body
	return text + strings.Repeat("\x00", len(body)%2)
}

// amr is a file of so many frames of a type.
func amr(head string, kind byte, size, frames int) []byte {
	frame := append([]byte{kind<<3 | 4}, bytes.Repeat([]byte{0x5a}, size)...)
	return append([]byte(head), bytes.Repeat(frame, frames)...)
}

func TestRecordingsLoseWhatTheyTell(t *testing.T) {
	metadata := riff("LIST", "INFOINAM\x0e\x00\x00\x00CANARY title\x00\x00") + riff("bext", "CANARY broadcast") + riff("id3 ", "ID3CANARY")
	for name, test := range map[string]struct {
		data          []byte
		contentType   string
		length        time.Duration
		width, height int
		silent        bool // it has nothing to tell as it comes
	}{
		"film":     {recorded(t, "film.mp4"), models.ContentMP4, time.Second, 48, 64, false},
		"voice":    {recorded(t, "voice.m4a"), models.ContentM4A, time.Second, 0, 0, false},
		"Opus":     {recorded(t, "voice.ogg"), models.ContentOgg, time.Second, 0, 0, false},
		"WAV":      {wav(8000, make([]byte, 16_000), metadata, metadata), models.ContentWAV, time.Second, 0, 0, false},
		"AMR":      {amr(amrNarrow, 7, 31, 50), models.ContentAMR, time.Second, 0, 0, true},
		"wide AMR": {amr(amrWide, 8, 60, 50), models.ContentAMRWide, time.Second, 0, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			if (len(told(test.data)) == 0) != test.silent {
				t.Fatalf("control: as it came it tells %q", told(test.data))
			}
			made, err := CleanRecording(test.data)
			if err != nil {
				t.Fatal(err)
			}
			if found := told(made.Bytes); len(found) > 0 {
				t.Errorf("it still tells %q", found)
			}
			if made.ContentType != test.contentType || made.Width != test.width || made.Height != test.height ||
				made.Duration < test.length-50*time.Millisecond || made.Duration > test.length+100*time.Millisecond {
				t.Errorf("%s, %d × %d, %s", made.ContentType, made.Width, made.Height, made.Duration)
			}
			again, err := CleanRecording(made.Bytes)
			if err != nil || !bytes.Equal(again.Bytes, made.Bytes) || !again.Taken.At.IsZero() || again.Taken.Position != nil {
				t.Errorf("cleaned again it is another: %v", err)
			}
			for _, less := range []int{1, 2, len(made.Bytes) / 2} {
				notTaken(t, "cut", test.data[:len(test.data)-less])
			}
			for name, more := range otherFormats(t) {
				if len(more) >= 20 && name != "mp4" && name != "heic" { // those two are boxes, which the top of a film knows or not
					notTaken(t, name+" behind it", append(bytes.Clone(test.data), more...))
				}
			}
		})
	}
}

// notTaken asks that a recording is refused. AMR cut at the end of a frame is whole.
func notTaken(t *testing.T, name string, data []byte) {
	t.Helper()
	made, err := CleanRecording(data)
	whole := isAMR(data) && err == nil
	if models.CodeOf(err) != models.CodeNotARecording && !whole || made.Bytes != nil && !whole {
		t.Errorf("%s: %v", name, err)
	}
}

func TestRecordingsThatAreNotTaken(t *testing.T) {
	archive, document := []byte(otherFormats(t)["zip"]), []byte("%PDF-1.7\n1 0 obj")
	if len(archive)%2 == 1 {
		archive = append(archive, 0)
	}
	sound := make([]byte, 2000)
	wrong := func(at int, with ...byte) []byte {
		data := wav(8000, sound, "", "")
		copy(data[at:], with)
		return data
	}
	opus := recorded(t, "voice.ogg")
	damaged := bytes.Clone(opus)
	damaged[len(damaged)-5] ^= 1
	for name, data := range map[string][]byte{
		"sound that is an archive":   wav(8000, append(bytes.Clone(sound), archive...), "", ""),
		"sound that is a document":   wav(8000, append(bytes.Clone(document), sound...), "", ""),
		"no sound":                   wav(8000, nil, "", ""),
		"two sounds":                 wav(8000, sound, "", riff("data", "CANARY")),
		"two forms":                  wav(8000, sound, riff("fmt ", string(make([]byte, 16))), ""),
		"too slow":                   wav(7999, sound, "", ""),
		"longer than five minutes":   wav(8000, make([]byte, 2*8000*300+2), "", ""),
		"compressed":                 wrong(20, 0x55),
		"no channels":                wrong(22, 0),
		"no bits":                    wrong(34, 0),
		"wrong rate of bytes":        wrong(28, 1),
		"size beyond the end":        wrong(40, 0xff, 0xff),
		"AMR of no frames":           []byte(amrNarrow),
		"AMR, frame cut":             amr(amrNarrow, 7, 31, 50)[:100],
		"AMR, frame of no type":      amr(amrNarrow, 9, 0, 50),
		"AMR, longer than 5 minutes": amr(amrNarrow, 7, 31, 15_001),
		"AMR with a stray bit":       append(amr(amrNarrow, 7, 31, 50), amr("", 7, 31, 1)[0]|1),
		"Opus with a wrong sum":      damaged,
		"Opus, head only":            opus[:47],
		"Opus twice":                 append(bytes.Clone(opus), opus...),
		"nothing":                    nil,
	} {
		if made, err := CleanRecording(data); models.CodeOf(err) != models.CodeNotARecording || made.Bytes != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := CleanRecording(make([]byte, maxRecording+1)); models.CodeOf(err) != models.CodeTooLarge {
		t.Errorf("over 30 MiB: %v", err)
	}
	if made, err := CleanRecording(wav(8000, make([]byte, 2*8000*300), "", "")); err != nil || made.Duration != maxVoice {
		t.Errorf("just five minutes: %s, %v", made.Duration, err)
	}
}

// Comments that fill several pages, and pages that a packet goes over, are read as one.
func TestOpusPages(t *testing.T) {
	first, rest, err := nextPage(recorded(t, "voice.ogg"))
	if err != nil {
		t.Fatal(err)
	}
	_, sound, err := nextPage(rest)
	if err != nil {
		t.Fatal(err)
	}
	tags := append([]byte("OpusTags"), bytes.Repeat([]byte("CANARY"), 16_000)...)
	data, number := first.append(nil, 0), uint32(1)
	write := func(page oggPage) {
		start := len(data)
		data = page.append(data, number)
		binary.LittleEndian.PutUint32(data[start+14:], first.serial)
		binary.LittleEndian.PutUint32(data[start+22:], 0)
		binary.LittleEndian.PutUint32(data[start+22:], oggSum(data[start:]))
		number++
	}
	binary.LittleEndian.PutUint32(data[14:], first.serial)
	binary.LittleEndian.PutUint32(data[22:], 0)
	binary.LittleEndian.PutUint32(data[22:], oggSum(data))
	for len(tags) > 0 {
		size := min(len(tags), 255*255)
		page := oggPage{table: bytes.Repeat([]byte{255}, size/255), body: tags[:size]}
		if number > 1 {
			page.flags = oggContinued
		}
		if tags = tags[size:]; len(tags) == 0 {
			page.table = append(page.table, byte(size%255))
		}
		write(page)
	}
	made, err := CleanRecording(append(data, sound...))
	want, plainErr := CleanRecording(recorded(t, "voice.ogg"))
	if err != nil || plainErr != nil || !bytes.Equal(made.Bytes, want.Bytes) {
		t.Errorf("%v, %v", err, plainErr)
	}
}

func FuzzCleanRecording(f *testing.F) {
	f.Add(recorded(f, "film.mp4"))
	f.Add(recorded(f, "voice.m4a"))
	f.Add(recorded(f, "voice.ogg"))
	f.Add(wav(8000, make([]byte, 100), riff("LIST", "CANARY"), ""))
	f.Add(amr(amrNarrow, 7, 31, 5))
	f.Add(amr(amrWide, 8, 60, 5))
	f.Fuzz(func(t *testing.T, data []byte) {
		made, err := CleanRecording(data)
		if err != nil {
			if code := models.CodeOf(err); code != models.CodeNotARecording && code != models.CodeTooLarge {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		if len(made.Bytes) > 2*len(data)+4096 {
			t.Fatalf("%d bytes became %d", len(data), len(made.Bytes))
		}
		again, err := CleanRecording(made.Bytes)
		if err != nil || !bytes.Equal(again.Bytes, made.Bytes) {
			t.Fatalf("what was written is not taken again as it is: %v", err)
		}
	})
}

// Recordings that are damaged anywhere are refused, or made into what is taken again as it is; nothing breaks.
func TestDamagedRecordings(t *testing.T) {
	for _, name := range []string{"film.mp4", "voice.m4a", "voice.ogg"} {
		data := recorded(t, name)
		for at := range data {
			for _, value := range []byte{0, 1, 0x7f, 0xff, data[at] ^ 0x10} {
				damaged := bytes.Clone(data)
				damaged[at] = value
				made, err := CleanRecording(damaged)
				if err != nil {
					continue
				}
				if again, err := CleanRecording(made.Bytes); err != nil || !bytes.Equal(again.Bytes, made.Bytes) {
					t.Fatalf("%s with %d at %d: %v", name, value, at, err)
				}
			}
		}
	}
}
