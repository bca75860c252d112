package station

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // so that a time zone is known on a machine that has none

	"go.yaml.in/yaml/v3"

	"xunfang/models"
)

// MaxBytes is the longest file that is read.
const MaxBytes = 32 << 20

// Options is what a description needs that no file can tell.
type Options struct {
	// NFCMAC is the keyed hash of a tag's UID, given in capitals. Without it tags are checked and left out.
	NFCMAC func(uid string) []byte
	// Demo marks people and devices as made by the demonstration, which production refuses.
	Demo bool
}

// reader collects the description and the mistakes of one file.
type reader struct {
	options  Options
	mistakes collected
	made     models.Description
	station  models.ID
	zone     *time.Location
	places   map[string]models.Place // by path
	lines    map[string]int          // of what must be unique: what and value
	points   map[string]models.ID    // checkpoints by key
	doors    map[string]int          // by key, in made.Doors
	fitted   map[models.ID]int       // line of the device that has the door
	routes   map[string]models.Route // the plan of patrol, by key
	people   map[string]models.DescribedPerson
	posts    map[string]models.ID
	squads   map[string]models.ID
	shifts   map[string]models.Shift
	full     bool // there are too many homes, and it was told
}

// Read parses a station description and resolves every key to an id. The error is a Mistakes
// that names everything that is wrong with the file, and then nothing of it may be used.
func Read(text []byte, options Options) (models.Description, error) {
	read := &reader{
		options: options, zone: time.UTC, made: models.Description{Keys: map[models.ID]string{}},
		places: map[string]models.Place{}, lines: map[string]int{}, points: map[string]models.ID{},
		doors: map[string]int{}, fitted: map[models.ID]int{},
		routes: map[string]models.Route{}, people: map[string]models.DescribedPerson{}, posts: map[string]models.ID{},
		squads: map[string]models.ID{}, shifts: map[string]models.Shift{},
	}
	if root := read.parse(text); root != nil {
		read.file(root)
	}
	if len(read.mistakes.List) > 0 {
		read.mistakes.settle()
		return models.Description{}, read.mistakes.Mistakes
	}
	return read.made, nil
}

// parse gives the root of the only document, or nil and a mistake.
func (r *reader) parse(text []byte) *yaml.Node {
	if len(text) > MaxBytes {
		r.mistakes.add(1, "the file is longer than %d bytes", MaxBytes)
		return nil
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	document, rest := yaml.Node{}, yaml.Node{}
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		r.mistakes.add(1, "the file is empty")
		return nil
	case err != nil:
		r.syntax(err)
		return nil
	}
	if err := decoder.Decode(&rest); err == nil {
		r.mistakes.add(rest.Line, "a second document begins here; a file describes one station")
		return nil
	} else if !errors.Is(err, io.EOF) {
		r.syntax(err)
		return nil
	}
	if document.Kind != yaml.DocumentNode || len(document.Content) != 1 {
		r.mistakes.add(1, "the file is empty")
		return nil
	}
	return document.Content[0]
}

var yamlError = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)`)

// syntax tells what the YAML library could not read.
func (r *reader) syntax(err error) {
	found := yamlError.FindStringSubmatch(strings.ReplaceAll(err.Error(), "\n", " "))
	if found == nil {
		found = []string{"", "", err.Error()}
	}
	line, _ := strconv.Atoi(found[1])
	r.mistakes.add(line, "not valid YAML: %s", quoted(found[2]))
}

// file reads the sections in the order in which they refer to each other, however they stand.
func (r *reader) file(root *yaml.Node) {
	sections, ok := r.object(root, "the file", "station", "compounds", "checkpoints", "routes", "doors", "devices", "people",
		"street_posts", "squads", "shifts", "round_plans")
	if !ok {
		return
	}
	r.readStation(sections)
	for _, section := range []struct {
		name string
		read func(*yaml.Node)
	}{
		{"compounds", r.readCompound},
		{"checkpoints", r.readCheckpoint},
		{"people", r.readPerson},
		{"routes", r.readRoute},
		{"doors", r.readDoor},
		{"devices", r.readDevice},
		{"street_posts", r.readStreetPost},
		{"squads", r.readSquad},
		{"shifts", r.readShift},
		{"round_plans", r.readRoundPlan},
	} {
		for _, item := range sections.list(section.name) {
			section.read(item)
		}
	}
}

func (r *reader) readStation(sections object) {
	if sections.fields["station"] == nil {
		r.mistakes.add(sections.line, "station is missing")
		return
	}
	read, ok := r.object(sections.fields["station"], "station", "key", "name", "time_zone", "position", "tip_key")
	if !ok {
		return
	}
	key := read.need("key", keyRule)
	r.station = models.DescribedID("station", key)
	r.made.Keys[r.station] = key
	r.places["station"] = models.Place{Station: r.station}
	r.made.Station = models.StationInfo{
		ID: r.station, Name: read.need("name", nameRule), TimeZone: read.need("time_zone", anyRule), Centre: read.position(),
		TipKey: read.maybe("tip_key", tipKeyRule),
	}
	zone, err := time.LoadLocation(r.made.Station.TimeZone)
	if r.made.Station.TimeZone == "" {
		return
	}
	if err != nil || r.made.Station.TimeZone == "Local" {
		r.mistakes.add(read.lineOf("time_zone"), "time_zone: wants an IANA name like Asia/Shanghai")
		return
	}
	r.zone = zone
}

// id derives the id of a thing of this station, and remembers what the file calls it.
func (r *reader) id(kind string, path ...string) models.ID {
	id := models.DescribedID(append([]string{string(r.station), kind}, path...)...)
	r.made.Keys[id] = strings.Join(path, "/")
	return id
}

// key reads the key of a thing, which no other of its kind may have.
func (o object) key(kind string) string {
	key := o.need("key", keyRule)
	if !o.once(o.lineOf("key"), kind+" key", key, "key "+quoted(key)) {
		return ""
	}
	return key
}

// name reads the name of a thing, which no other of its kind may have.
func (o object) name(kind string) string {
	name := o.need("name", nameRule)
	o.once(o.lineOf("name"), kind+" name", name, "name "+quoted(name))
	return name
}

// once tells when a value that must be unique stands on a line before. The empty value,
// which is missing or wrong, is told elsewhere.
func (r *reader) once(line int, kind, value, what string) bool {
	if value == "" {
		return true
	}
	id := kind + "\x00" + value
	if before := r.lines[id]; before != 0 {
		r.mistakes.add(line, "the same %s as on line %d", what, before)
		return false
	}
	r.lines[id] = line
	return true
}

// place finds what a path names; false when there is no such place, which is told.
func (r *reader) place(line int, field, path string) (models.Place, bool) {
	place, found := r.places[path]
	if path != "" && !found {
		r.mistakes.add(line, "%s: there is no %s", field, quoted(path))
	}
	return place, found
}

// levels is a list of levels in words.
func levels(test func(models.Level) bool) string {
	fits := []string{}
	for _, level := range []models.Level{
		models.LevelStation, models.LevelCompound, models.LevelBuilding, models.LevelUnit, models.LevelHome,
	} {
		if test(level) {
			fits = append(fits, fmt.Sprint("a ", level))
		}
	}
	return strings.Join(fits, " or ")
}
