package handlers_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"flag"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"xunfang/models"
)

// The recordings in testdata/traces are simulated: a person with a phone, its noise, its silences and its mistakes. They
// are made from a seed and kept, so that every test reads the same; -update-traces writes them anew.
var updateTraces = flag.Bool("update-traces", false, "write the simulated recordings anew")

// traceFix is one position of a recording.
type traceFix struct {
	At        time.Time
	Lat, Lng  float64
	AccuracyM float64
	SpeedMps  *float64
}

// traceStart is when every recording begins.
var traceStart = firstInstant.Add(10 * time.Minute)

// walker moves through the streets around compound One and says where its phone believes to be.
type walker struct {
	random   *rand.Rand
	at       models.Position // where it truly is
	heading  float64         // radians
	now      time.Time
	noiseM   float64
	recorded []traceFix
}

func newWalker(seed uint64, noiseM float64) *walker {
	return &walker{
		random: rand.New(rand.NewPCG(seed, 2026)), at: models.Position{Lat: 30.52, Lng: 105.601}, now: traceStart, noiseM: noiseM,
	}
}

// move moves for a while, with a fix every so often; silent moves without any.
func (w *walker) move(length, every time.Duration, mps float64, silent bool) {
	for end := w.now.Add(length); w.now.Before(end); {
		if w.random.IntN(12) == 0 { // a corner
			w.heading += math.Pi / 2 * float64(w.random.IntN(3)-1)
		}
		metres := mps * every.Seconds()
		w.at = shifted(w.at, metres*math.Cos(w.heading), metres*math.Sin(w.heading))
		w.now = w.now.Add(every)
		if !silent {
			w.fix(w.now, mps)
		}
	}
}

func shifted(at models.Position, north, east float64) models.Position {
	const degree = 111_195 // metres
	return models.Position{Lat: at.Lat + north/degree, Lng: at.Lng + east/degree/math.Cos(at.Lat*math.Pi/180)}
}

// fix records where the phone believes to be, with the mistakes that phones make.
func (w *walker) fix(when time.Time, mps float64) {
	accuracy := 4 + math.Abs(w.random.NormFloat64())*w.noiseM
	seen := shifted(w.at, w.random.NormFloat64()*w.noiseM, w.random.NormFloat64()*w.noiseM)
	speed := math.Max(0, mps+w.random.NormFloat64()*0.2)
	made := traceFix{At: when, Lat: rounded(seen.Lat, 6), Lng: rounded(seen.Lng, 6), AccuracyM: rounded(accuracy, 1), SpeedMps: &speed}
	switch w.random.IntN(40) {
	case 0: // by cell tower
		made.AccuracyM = rounded(150+400*w.random.Float64(), 1)
	case 1: // not found itself yet
		made.Lat, made.Lng = 0, 0
	case 2: // a speed that cannot be
		speed = 80 + 100*w.random.Float64()
	case 3: // does not know its speed
		made.SpeedMps = nil
	case 4: // recorded twice
		w.recorded = append(w.recorded, made)
	}
	w.recorded = append(w.recorded, made)
}

func rounded(value float64, digits int) float64 {
	scale := math.Pow(10, float64(digits))
	return math.Round(value*scale) / scale
}

// simulated are the recordings by file name.
func simulated() map[string][]byte {
	foot := newWalker(1, 6)
	foot.move(30*time.Minute, 5*time.Second, 1.3, false)

	tunnel := newWalker(2, 5)
	tunnel.move(10*time.Minute, 4*time.Second, 1.4, false)
	tunnel.move(6*time.Minute, 4*time.Second, 1.4, true)
	tunnel.noiseM = 30 // just out of it
	tunnel.move(time.Minute, 4*time.Second, 1.4, false)
	tunnel.noiseM = 5
	tunnel.move(8*time.Minute, 4*time.Second, 1.4, false)

	car := newWalker(3, 8)
	for range 6 { // between two lights
		car.move(2*time.Minute, 2*time.Second, 11, false)
		car.move(40*time.Second, 2*time.Second, 0, false)
	}
	car.move(4*time.Minute, 2*time.Second, 16.5, false)

	post := newWalker(4, 12)
	post.move(40*time.Minute, 13*time.Second, 0, false)

	return map[string][]byte{
		"foot.jsonl": asOwnTracks(foot.recorded), "tunnel.gpx": asGPX(tunnel.recorded), "car.gpx": asGPX(car.recorded),
		"post.jsonl": asOwnTracks(post.recorded),
	}
}

// ownTracksLine is what OwnTracks sends for a position; the speed in whole kilometres per hour, -1 when it is not known.
type ownTracksLine struct {
	Type string  `json:"_type"`
	Lat  float64 `json:"lat"`
	Lon  float64 `json:"lon"`
	Tst  int64   `json:"tst"`
	Acc  float64 `json:"acc"`
	Vel  float64 `json:"vel"`
	Tid  string  `json:"tid"`
}

func asOwnTracks(fixes []traceFix) []byte {
	text := bytes.Buffer{}
	for _, fix := range fixes {
		line := ownTracksLine{Type: "location", Lat: fix.Lat, Lon: fix.Lng, Tst: fix.At.Unix(), Acc: math.Round(fix.AccuracyM), Vel: -1, Tid: "xf"}
		if fix.SpeedMps != nil {
			line.Vel = math.Round(*fix.SpeedMps * 3.6)
		}
		written, _ := json.Marshal(line) // numbers and plain text
		text.Write(append(written, '\n'))
	}
	return text.Bytes()
}

// traceGPX is GPX 1.1 with hdop for the accuracy, at five metres each, and no speed, which GPX 1.1 has no word for.
type traceGPX struct {
	XMLName xml.Name        `xml:"http://www.topografix.com/GPX/1/1 gpx"`
	Version string          `xml:"version,attr"`
	Creator string          `xml:"creator,attr"`
	Points  []tracePointGPX `xml:"trk>trkseg>trkpt"`
}

type tracePointGPX struct {
	Lat  float64   `xml:"lat,attr"`
	Lng  float64   `xml:"lon,attr"`
	Time time.Time `xml:"time"`
	Hdop float64   `xml:"hdop"`
}

const metresPerHdop = 5

func asGPX(fixes []traceFix) []byte {
	file := traceGPX{Version: "1.1", Creator: "Xunfang, simulated"}
	for _, fix := range fixes {
		file.Points = append(file.Points, tracePointGPX{Lat: fix.Lat, Lng: fix.Lng, Time: fix.At, Hdop: rounded(fix.AccuracyM/metresPerHdop, 2)})
	}
	text, _ := xml.MarshalIndent(file, "", " ") // numbers and times
	return append([]byte(xml.Header), append(text, '\n')...)
}

// readTrace reads a recording of testdata/traces, in order of time.
func readTrace(t *testing.T, name string) []traceFix {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "traces", name))
	if err != nil {
		t.Fatal(err)
	}
	fixes := []traceFix{}
	if filepath.Ext(name) == ".gpx" {
		file := traceGPX{}
		if err := xml.Unmarshal(text, &file); err != nil {
			t.Fatal(err)
		}
		for _, point := range file.Points {
			fixes = append(fixes, traceFix{At: point.Time, Lat: point.Lat, Lng: point.Lng, AccuracyM: point.Hdop * metresPerHdop})
		}
		return fixes
	}
	for line := range bytes.Lines(text) {
		point := ownTracksLine{}
		if err := json.Unmarshal(line, &point); err != nil {
			t.Fatal(err)
		}
		fix := traceFix{At: time.Unix(point.Tst, 0).UTC(), Lat: point.Lat, Lng: point.Lon, AccuracyM: point.Acc}
		if point.Vel >= 0 {
			mps := point.Vel / 3.6
			fix.SpeedMps = &mps
		}
		fixes = append(fixes, fix)
	}
	return fixes
}

func TestTracesAreThoseOfTheSimulator(t *testing.T) {
	folder := filepath.Join("testdata", "traces")
	for name, want := range simulated() {
		path := filepath.Join(folder, name)
		if *updateTraces {
			if err := os.MkdirAll(folder, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, want, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what the simulator makes (%v); write it anew with -update-traces", name, err)
		}
	}
}
