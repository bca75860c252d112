package media

import (
	"encoding/binary"
	"math"
)

// head writes ftyp and moov: the same number of bytes whatever base, which is where the frames will begin.
func (f *film) head(base uint32) []byte {
	w := &boxWriter{}
	w.box("ftyp", func() { w.bytes([]byte("isom\x00\x00\x00\x00isommp42")...) })
	w.box("moov", func() {
		w.full("mvhd", 0, 0, func() {
			w.u32(0, 0, f.scale, f.longest(), 0x10000)
			w.u16(0x100, 0)
			w.u32(0, 0)
			w.matrix(unturned)
			w.u32(0, 0, 0, 0, 0, 0, uint32(len(f.tracks)+1)) //nolint:gosec // at most 3
		})
		for at, track := range f.tracks {
			f.track(w, track, uint32(at+1), base)
		}
	})
	return w.out
}

// inFilm is a track's duration in the film's time.
func (f *film) inFilm(track *mp4Track) uint32 {
	return uint32(min(track.duration*uint64(f.scale)/uint64(track.scale), math.MaxUint32))
}

func (f *film) longest() (most uint32) {
	for _, track := range f.tracks {
		most = max(most, f.inFilm(track))
	}
	return most
}

func (w *boxWriter) matrix(turn [4]uint32) {
	w.u32(turn[0], turn[1], 0, turn[2], turn[3], 0, 0, 0, 0x40000000)
}

func (f *film) track(w *boxWriter, track *mp4Track, id, base uint32) {
	w.box("trak", func() {
		w.full("tkhd", 0, 7, func() {
			w.u32(0, 0, id, 0, f.inFilm(track), 0, 0)
			w.u16(0, 0)
			if track.video {
				w.u16(0, 0)
			} else {
				w.u16(0x100, 0)
			}
			w.matrix(track.turn)
			w.u32(uint32(track.width)<<16, uint32(track.height)<<16)
		})
		if len(track.edits) > 0 {
			w.box("edts", func() {
				w.full("elst", 1, 0, func() {
					w.u32(uint32(len(track.edits))) //nolint:gosec // at most 8
					for _, edit := range track.edits {
						w.u64(edit[0])
						w.u64(edit[1])
						w.u32(uint32(edit[2])) //nolint:gosec // read from four bytes
					}
				})
			})
		}
		w.box("mdia", func() { track.media(w, base) })
	})
}

func (t *mp4Track) media(w *boxWriter, base uint32) {
	const undetermined = 0x55c4 // the language "und"
	kind := "soun"
	if t.video {
		kind = "vide"
	}
	w.full("mdhd", 0, 0, func() {
		w.u32(0, 0, t.scale, uint32(min(t.duration, math.MaxUint32)))
		w.u16(undetermined, 0)
	})
	w.full("hdlr", 0, 0, func() {
		w.u32(0)
		w.bytes([]byte(kind)...)
		w.u32(0, 0, 0)
		w.bytes(0) // no name
	})
	w.box("minf", func() {
		if t.video {
			w.full("vmhd", 0, 1, func() { w.u32(0, 0) })
		} else {
			w.full("smhd", 0, 0, func() { w.u32(0) })
		}
		w.box("dinf", func() {
			w.full("dref", 0, 0, func() {
				w.u32(1)
				w.full("url ", 0, 1, func() {})
			})
		})
		w.box("stbl", func() { t.tables(w, base) })
	})
}

func (t *mp4Track) tables(w *boxWriter, base uint32) {
	w.full("stsd", 0, 0, func() {
		w.u32(1)
		if t.video {
			t.pictures(w)
		} else {
			t.sound(w)
		}
	})
	w.entries("stts", 0, t.times, 8)
	if t.shifts != nil {
		w.entries("ctts", t.shiftVersion, t.shifts, 8)
	}
	if t.keys != nil {
		w.entries("stss", 0, t.keys, 4)
	}
	w.full("stsc", 0, 0, func() {
		start, runs, last := len(w.out), uint32(0), -1
		w.u32(0)
		for at, chunk := range t.chunks {
			if chunk.count == last {
				continue
			}
			last = chunk.count
			runs++
			w.u32(uint32(at+1), uint32(chunk.count), 1) //nolint:gosec // below maxSamples
		}
		binary.BigEndian.PutUint32(w.out[start:], runs)
	})
	w.full("stsz", 0, 0, func() {
		w.u32(0, uint32(len(t.samples))) //nolint:gosec // at most maxSamples
		for _, sample := range t.samples {
			w.u32(uint32(sample.made)) //nolint:gosec // at most 30 MiB
		}
	})
	w.full("stco", 0, 0, func() {
		w.u32(uint32(len(t.chunks))) //nolint:gosec // at most maxSamples
		for _, chunk := range t.chunks {
			w.u32(base + chunk.writeAt)
		}
	})
}

// entries writes a table that was read and checked.
func (w *boxWriter) entries(kind string, version byte, entries []byte, width int) {
	w.full(kind, version, 0, func() {
		w.u32(uint32(len(entries) / width)) //nolint:gosec // at most maxSamples
		w.bytes(entries...)
	})
}

func (t *mp4Track) pictures(w *boxWriter) {
	w.box("avc1", func() {
		w.u16(0, 0, 0, 1)
		w.u32(0, 0, 0, 0)
		w.u16(t.width, t.height)
		w.u32(0x480000, 0x480000, 0)
		w.u16(1)
		w.bytes(make([]byte, 32)...) // the encoder's name
		w.u16(24, 0xffff)
		w.box("avcC", func() { w.bytes(t.avc.clean...) })
		if t.colour != nil {
			w.box("colr", func() { w.bytes(t.colour...) })
		}
		if t.ratio != nil {
			w.box("pasp", func() { w.bytes(t.ratio...) })
		}
	})
}

func (t *mp4Track) sound(w *boxWriter) {
	w.box("mp4a", func() {
		w.u16(0, 0, 0, 1)
		w.u32(0, 0)
		w.u16(t.channels, 16)
		w.u32(0, t.rate)
		w.writeAAC(t.aac)
	})
}
