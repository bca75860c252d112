package station

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"xunfang/models"
)

const (
	defaultRadiusM = 50
	maxStops       = 200
)

var methods = []string{
	string(models.MethodGPS), string(models.MethodQR), string(models.MethodNFC), string(models.MethodManualCode),
	string(models.MethodRotatingQR),
}

func (r *reader) readCheckpoint(node *yaml.Node) {
	read, ok := r.object(node, "checkpoint", "key", "name", "position", "radius_m", "methods", "compound", "nfc_uid", "key_place")
	if !ok {
		return
	}
	key := read.key("checkpoint")
	point := models.Checkpoint{
		ID: r.id("checkpoint", key), Place: models.Place{Station: r.station}, Name: read.name("checkpoint"),
		At: read.position(), RadiusM: read.whole("radius_m", 5, 1000, defaultRadiusM), Methods: read.methods(),
		KeyPlace: read.yes("key_place"),
	}
	if path := read.maybe("compound", keyRule); path != "" {
		if place, found := r.place(read.lineOf("compound"), "compound", path); found {
			point.Place = place
			if place.Level() != models.LevelCompound {
				r.mistakes.add(read.lineOf("compound"), "compound: wants the key of a compound")
			}
		}
	}
	if uid := strings.ToUpper(read.maybe("nfc_uid", nfcRule)); uid != "" {
		r.once(read.lineOf("nfc_uid"), "nfc_uid", uid, "nfc_uid")
		if r.options.NFCMAC != nil {
			point.NFCMAC = r.options.NFCMAC(uid)
		}
	}
	if key != "" {
		r.points[key] = point.ID
		r.made.Checkpoints = append(r.made.Checkpoints, point)
	}
}

// methods reads how a checkpoint can be checked in at.
func (o object) methods() []models.CheckInMethod {
	read := []models.CheckInMethod{}
	for _, node := range o.list("methods") {
		method := o.text(node, "methods", anyRule)
		switch {
		case method == "":
		case !slices.Contains(methods, method):
			o.mistakes.add(node.Line, "methods: wants %s, not %s", strings.Join(methods, ", "), quoted(method))
		case slices.Contains(read, models.CheckInMethod(method)):
			o.mistakes.add(node.Line, "methods: %s stands here twice", method)
		default:
			read = append(read, models.CheckInMethod(method))
		}
	}
	if len(o.list("methods")) == 0 {
		o.mistakes.add(o.lineOf("methods"), "methods: wants at least one of %s", strings.Join(methods, ", "))
	}
	return read
}

func (r *reader) readRoute(node *yaml.Node) {
	read, ok := r.object(node, "route", "key", "name", "direction", "checkpoints", "officer")
	if !ok {
		return
	}
	key := read.key("route")
	route := models.Route{
		ID: r.id("route", key), StationID: r.station, Name: read.name("route"),
		Direction: read.oneOf("direction", "north_south", "east_west", "other"),
	}
	stops := read.list("checkpoints")
	if len(stops) == 0 || len(stops) > maxStops {
		r.mistakes.add(read.lineOf("checkpoints"), "checkpoints: wants 1 to %d keys of checkpoints", maxStops)
	}
	for _, stop := range stops {
		name := r.text(stop, "checkpoints", keyRule)
		id, known := r.points[name]
		switch {
		case name == "":
		case !known:
			r.mistakes.add(stop.Line, "checkpoints: there is no checkpoint %s", quoted(name))
		case slices.Contains(route.Checkpoints, id):
			r.mistakes.add(stop.Line, "checkpoints: %s stands here twice", quoted(name))
		default:
			route.Checkpoints = append(route.Checkpoints, id)
		}
	}
	if officer := read.fields["officer"]; officer != nil {
		route.OfficerID = r.routeOfficer(officer)
	}
	if key != "" {
		r.routes[key] = route
		r.made.Routes = append(r.made.Routes, route)
	}
}

// routeOfficer finds who leads a route: somebody who may read what lies in no compound.
func (r *reader) routeOfficer(node *yaml.Node) models.ID {
	key := r.text(node, "officer", keyRule)
	person, known := r.people[key]
	leads := slices.ContainsFunc(person.Grants, func(grant models.Grant) bool {
		return grant.Place.Level() == models.LevelStation && (grant.Role == models.RoleOfficer || grant.Role == models.RoleCommander)
	})
	switch {
	case key == "":
	case !known:
		r.mistakes.add(node.Line, "officer: there is no person %s", quoted(key))
	case !leads:
		r.mistakes.add(node.Line, "officer: %s is neither an officer nor a commander of the whole station", quoted(key))
	}
	return person.ID
}
