package media

import (
	"cmp"
	"encoding/binary"
	"regexp"
	"slices"
	"strconv"
	"time"

	"xunfang/models"
)

// mp4Brands are the forms that phones record in and that this package writes again.
var mp4Brands = []string{"isom", "iso2", "iso4", "iso5", "iso6", "mp41", "mp42", "avc1", "M4A ", "M4V ", "3gp4", "3gp5", "3gp6", "qt  "}

func isMP4(data []byte) bool {
	return len(data) >= 16 && string(data[4:8]) == "ftyp" && slices.Contains(mp4Brands, string(data[8:12]))
}

// film is an MP4 as far as it is written again.
type film struct {
	data   []byte
	mdats  []box
	scale  uint32
	taken  models.Taken
	tracks []*mp4Track
}

// cleanMP4 writes a film anew from its frames: one track of pictures, one of sound, at most. Only what the sample tables
// point at is copied, so that tracks of positions, names, dates, free boxes and bytes that no table knows stay behind.
func cleanMP4(data []byte) (Recording, error) {
	film := film{data: data}
	if err := film.read(); err != nil {
		return Recording{}, err
	}
	made := Recording{ContentType: models.ContentM4A, Taken: film.taken}
	for _, track := range film.tracks {
		seconds := float64(track.duration) / float64(track.scale)
		made.Duration = max(made.Duration, time.Duration(seconds*float64(time.Second)))
		if track.video {
			made.ContentType, made.Width, made.Height = models.ContentMP4, int(track.width), int(track.height)
			if track.turn[0] == 0 {
				made.Width, made.Height = made.Height, made.Width
			}
		}
	}
	var err error
	made.Bytes, err = film.write()
	return made, err
}

// read walks the boxes at the top: all must be known, and fill the file to its end.
func (f *film) read() error {
	tops, err := boxesOf(f.data)
	if err != nil {
		return err
	}
	for _, top := range tops {
		switch top.kind {
		case "mdat":
			f.mdats = append(f.mdats, top)
		case "ftyp", "moov", "free", "skip", "wide", "uuid", "udta", "meta", "pdin":
		default: // fragments among them
			return errForm
		}
	}
	moov, err := inside(f.data, "moov")
	if err != nil {
		return err
	}
	head, err := need(moov, "mvhd", 100)
	if err != nil {
		return err
	}
	f.scale = binary.BigEndian.Uint32(head[12:])
	since1904 := uint64(binary.BigEndian.Uint32(head[4:]))
	if head[0] == 1 {
		f.scale, since1904 = binary.BigEndian.Uint32(head[20:]), binary.BigEndian.Uint64(head[4:])
	}
	if f.scale < 1 || f.scale > 10_000_000 {
		return errForm
	}
	f.taken = takenOfFilm(since1904, moov)
	for _, one := range moov {
		if one.kind != "trak" {
			continue
		}
		track, err := readTrack(one.body)
		if err != nil {
			return err
		}
		if track != nil {
			f.tracks = append(f.tracks, track)
		}
	}
	return f.check()
}

// noTime is the time of an edit that shows nothing: -1.
const noTime = ^uint64(0)

// check asks that there is at most one track of each kind, and that every sample lies in the data and all together are
// no more than the file: samples may share bytes, and so a small file could be written as a large one.
func (f *film) check() error {
	kinds, total := map[bool]int{}, 0
	for _, track := range f.tracks {
		kinds[track.video]++
		for _, edit := range track.edits {
			if edit[0] > uint64(f.scale)*3600 || edit[1] != noTime && edit[1] > track.duration || edit[2] != 0x10000 {
				return errUnsettled
			}
		}
		for _, sample := range track.samples {
			if total += sample.size; total > len(f.data) || !f.holds(sample) {
				return errUnsettled
			}
		}
	}
	if len(f.tracks) == 0 || kinds[true] > 1 || kinds[false] > 1 {
		return errForm
	}
	return nil
}

func (f *film) holds(sample mp4Sample) bool {
	for _, data := range f.mdats {
		if sample.at >= data.at && sample.at+sample.size <= data.at+len(data.body) {
			return true
		}
	}
	return false
}

// write lays the chunks down in the order they came in, behind tables that say where.
func (f *film) write() ([]byte, error) {
	type run struct {
		track *mp4Track
		chunk *mp4Chunk
	}
	runs := []run{}
	for _, track := range f.tracks {
		for at := range track.chunks {
			runs = append(runs, run{track, &track.chunks[at]})
		}
	}
	slices.SortStableFunc(runs, func(one, other run) int { return cmp.Compare(one.chunk.at, other.chunk.at) })
	frames := make([]byte, 0, len(f.data))
	for _, next := range runs {
		next.chunk.writeAt = uint32(len(frames)) //nolint:gosec // at most 30 MiB
		for at := next.chunk.first; at < next.chunk.first+next.chunk.count; at++ {
			sample, before := &next.track.samples[at], len(frames)
			came := f.data[sample.at:][:sample.size]
			if next.track.video {
				var err error
				if frames, err = next.track.avc.units(frames, came); err != nil {
					return nil, err
				}
			} else {
				frames = append(frames, came...)
				blankAAC(frames[before:])
			}
			if sample.made = len(frames) - before; sample.made == 0 {
				return nil, errForm
			}
		}
	}
	head := f.head(0)
	writer := boxWriter{out: append(make([]byte, 0, len(head)+8+len(frames)), f.head(uint32(len(head)+8))...)} //nolint:gosec // as above
	writer.box("mdat", func() { writer.bytes(frames...) })
	return writer.out, nil
}

// takenOfFilm reads when a film was made, in seconds since 1904, and where, from the box that phones write it into.
func takenOfFilm(since1904 uint64, moov []box) models.Taken {
	const to1970 = 2_082_844_800 // seconds from 1904
	taken := models.Taken{}
	if since1904 > to1970 && since1904 < to1970+1<<33 {
		taken.At, taken.Zoned = time.Unix(int64(since1904-to1970), 0).UTC(), true
	}
	data, err := only(moov, "udta")
	if err != nil {
		return taken
	}
	boxes, err := boxesOf(data)
	if err != nil {
		return taken
	}
	place, err := only(boxes, "\xa9xyz")
	if found := isoPlace.FindSubmatch(place); err == nil && found != nil {
		lat, latErr := strconv.ParseFloat(string(found[1]), 64)
		lng, lngErr := strconv.ParseFloat(string(found[2]), 64)
		if latErr == nil && lngErr == nil && lat >= -90 && lat <= 90 && lng >= -180 && lng <= 180 {
			taken.Position = &models.Position{Lat: lat, Lng: lng}
		}
	}
	return taken
}

// isoPlace is a place as ISO 6709 writes it: +30.5203+105.6008/.
var isoPlace = regexp.MustCompile(`([+-][0-9]{1,2}\.[0-9]{1,8})([+-][0-9]{1,3}\.[0-9]{1,8})`)
