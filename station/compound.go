package station

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"xunfang/models"
)

// maxHomes bounds what a few short lines can describe.
const maxHomes = 300_000

func (r *reader) readCompound(node *yaml.Node) {
	read, ok := r.object(node, "compound", "key", "name", "kind", "position", "buildings")
	if !ok {
		return
	}
	key := read.key("compound")
	if key == "station" {
		r.mistakes.add(read.lineOf("key"), "key: “station” means the whole station")
	}
	compound := models.Compound{
		ID: r.id("compound", key), StationID: r.station, Name: read.name("compound"),
		Kind: read.oneOf("kind", "ordinary", "resettlement", "under_construction"), Centre: read.position(),
	}
	if key != "" && key != "station" {
		r.places[key] = compound.Place()
		r.made.Compounds = append(r.made.Compounds, compound)
	}
	if key == "" {
		key = read.nowhere()
	}
	for _, building := range read.list("buildings") {
		r.readBuilding(building, key, compound.Place())
	}
}

// in reads the name of a part of a place and gives its path and id; "" when the name is wrong or taken.
func (o object) in(kind, parent string) (name, path string, id models.ID) {
	name = o.need("name", partRule)
	path = parent + "/" + name
	if name == "" || !o.once(o.lineOf("name"), "path", path, kind+" "+quoted(name)) {
		return "", parent + "/" + o.nowhere(), ""
	}
	return name, path, o.id(kind, strings.Split(path, "/")...)
}

// nowhere stands in the path for a name that is wrong, so that what lies within is still checked.
func (o object) nowhere() string { return fmt.Sprint("?", o.line) }

func (r *reader) readBuilding(node *yaml.Node, compound string, place models.Place) {
	read, ok := r.object(node, "building", "name", "units")
	if !ok {
		return
	}
	name, path, id := read.in("building", compound)
	place.Building = id
	if id != "" {
		r.places[path] = place
		r.made.Buildings = append(r.made.Buildings, models.Building{ID: id, Place: place, Name: name})
	}
	for _, unit := range read.list("units") {
		r.readUnit(unit, path, name, place)
	}
}

func (r *reader) readUnit(node *yaml.Node, path, building string, place models.Place) {
	read, ok := r.object(node, "unit", "name", "floors", "homes_per_floor", "homes")
	if !ok {
		return
	}
	name, path, id := read.in("unit", path)
	place.Unit = id
	if id != "" {
		r.places[path] = place
		r.made.Units = append(r.made.Units, models.Unit{ID: id, Place: place, Name: name})
	}
	home := models.Home{Place: place, Building: building, Unit: name}
	for _, label := range read.list("homes") {
		home.Label = r.text(label, "homes", partRule)
		if home.Label != "" && r.once(label.Line, "path", path+"/"+home.Label, "home "+quoted(home.Label)) {
			r.addHome(label.Line, path, home)
		}
	}
	r.fillFloors(read, path, home)
}

// fillFloors numbers the homes of a unit by floor: 101, 102, 201, …
func (r *reader) fillFloors(read object, path string, home models.Home) {
	if (read.fields["floors"] == nil) != (read.fields["homes_per_floor"] == nil) {
		r.mistakes.add(read.line, "floors and homes_per_floor go together")
		return
	}
	if read.fields["floors"] != nil && read.fields["homes"] != nil {
		r.mistakes.add(read.line, "either floors and homes_per_floor, or homes")
		return
	}
	floors, each := read.whole("floors", 1, 150, 0), read.whole("homes_per_floor", 1, 99, 0)
	for floor := range floors {
		for number := range each {
			home.Label = fmt.Sprintf("%d%02d", floor+1, number+1)
			if !r.addHome(read.line, path, home) {
				return
			}
		}
	}
}

// addHome adds a home to its unit; false when there are too many.
func (r *reader) addHome(line int, unit string, home models.Home) bool {
	if len(r.made.Homes) >= maxHomes {
		if !r.full {
			r.mistakes.add(line, "there are more than %d homes", maxHomes)
		}
		r.full = true
		return false
	}
	path := unit + "/" + home.Label
	home.ID = r.id("home", strings.Split(path, "/")...)
	home.Place.Home = home.ID
	r.places[path] = home.Place
	r.made.Homes = append(r.made.Homes, home)
	return true
}
