package station

import (
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"xunfang/models"
)

// What a street post is given that the file does not say.
const (
	defaultPostRadiusM   = 100
	defaultMaxGapMinutes = 30
)

func (r *reader) readStreetPost(node *yaml.Node) {
	read, ok := r.object(node, "street post", "key", "name", "position", "radius_m", "max_gap_minutes", "compound")
	if !ok {
		return
	}
	key := read.key("street post")
	post := models.StreetPost{
		ID: r.id("street post", key), Name: read.name("street post"), At: read.position(),
		RadiusM: read.whole("radius_m", 5, 1000, defaultPostRadiusM),
		MaxGap:  time.Duration(read.whole("max_gap_minutes", 1, 1440, defaultMaxGapMinutes)) * time.Minute,
	}
	post.Place = models.PostPlace(post.At, r.made.Compounds, r.station)
	if path := read.maybe("compound", keyRule); path != "" {
		if place, found := r.place(read.lineOf("compound"), "compound", path); found && place.Level() == models.LevelCompound {
			post.Place = place
		} else if found {
			r.mistakes.add(read.lineOf("compound"), "compound: wants the key of a compound")
		}
	}
	if key != "" {
		r.posts[key] = post.ID
		r.made.StreetPosts = append(r.made.StreetPosts, post)
	}
}

func (r *reader) readSquad(node *yaml.Node) {
	read, ok := r.object(node, "squad", "key", "name", "kind", "leader", "members")
	if !ok {
		return
	}
	key := read.key("squad")
	squad := models.Squad{
		ID: r.id("squad", key), StationID: r.station, Name: read.name("squad"),
		Kind: models.SquadKind(read.oneOf("kind", string(models.SquadFoot), string(models.SquadVehicle), string(models.SquadDog),
			string(models.SquadNight), string(models.SquadMixed))),
	}
	members := read.list("members")
	if len(members) == 0 || len(members) > models.MaxSquad {
		r.mistakes.add(read.lineOf("members"), "members: wants 1 to %d keys of people", models.MaxSquad)
	}
	for _, member := range members {
		id, patrols := r.member(member, "members", models.Role.Patrols, "patrols")
		switch {
		case !patrols:
		case squad.Has(id):
			r.mistakes.add(member.Line, "members: %s stands here twice", quoted(member.Value))
		default:
			squad.Members = append(squad.Members, id)
		}
	}
	if leader := read.fields["leader"]; leader == nil {
		r.mistakes.add(read.line, "leader is missing")
	} else if id, leads := r.member(leader, "leader", models.Role.Leads, "leads a squad"); leads {
		squad.LeaderID = id
		if !squad.Has(id) {
			r.mistakes.add(leader.Line, "leader: wants one of the members")
		}
	}
	if key != "" {
		r.squads[key] = squad.ID
		r.made.Squads = append(r.made.Squads, squad)
	}
}

// member finds a person of the file who holds a role that does something; false when there is none, which is told.
func (r *reader) member(node *yaml.Node, field string, does func(models.Role) bool, what string) (models.ID, bool) {
	key := r.text(node, field, keyRule)
	person, known := r.people[key]
	able := slices.ContainsFunc(person.Grants, func(grant models.Grant) bool { return does(grant.Role) })
	switch {
	case key == "":
	case !known:
		r.mistakes.add(node.Line, "%s: there is no person %s", field, quoted(key))
	case !able:
		r.mistakes.add(node.Line, "%s: %s holds no role that %s", field, quoted(key), what)
	}
	return person.ID, key != "" && able
}

// weekdays are the days of the week in words, from Monday on.
var weekdays = []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}

func (r *reader) readShift(node *yaml.Node) {
	read, ok := r.object(node, "shift", "key", "name", "squad", "post", "start_time", "length_minutes", "recurrence", "weekdays",
		"dates", "from_date", "until_date")
	if !ok {
		return
	}
	key := read.key("shift")
	shift := models.Shift{
		ID: r.id("shift", key), StationID: r.station, Name: read.need("name", nameRule), SquadID: named(read, "squad", r.squads),
		LengthMinutes: read.whole("length_minutes", 1, 1440, 1440),
		Recurrence: models.Recurrence(read.oneOf("recurrence", string(models.RecursDaily), string(models.RecursWeekdays),
			string(models.RecursDates))),
		FromDate: read.date("from_date"), UntilDate: read.date("until_date"),
	}
	read.required("length_minutes")
	if clock := read.need("start_time", clockRule); clock != "" {
		at, _ := time.Parse("15:04", clock) // the rule has seen it
		shift.StartMinute = at.Hour()*60 + at.Minute()
	}
	if read.fields["post"] != nil {
		shift.PostID = named(read, "post", r.posts)
	}
	read.days(&shift)
	if key != "" {
		r.shifts[key] = shift
		r.made.Shifts = append(r.made.Shifts, shift)
	}
}

// days reads on which days a shift stands, and tells what does not fit together.
func (o object) days(shift *models.Shift) {
	for _, node := range o.list("weekdays") {
		day := slices.Index(weekdays, o.text(node, "weekdays", anyRule))
		if day < 0 {
			o.mistakes.add(node.Line, "weekdays: wants %s", strings.Join(weekdays, ", "))
			continue
		}
		shift.Weekdays = append(shift.Weekdays, time.Weekday((day+1)%7))
	}
	slices.Sort(shift.Weekdays)
	shift.Weekdays = slices.Compact(shift.Weekdays)
	dates := o.list("dates")
	if len(dates) > models.MaxShiftDates {
		o.mistakes.add(o.lineOf("dates"), "dates: wants at most %d", models.MaxShiftDates)
		return
	}
	good := []*yaml.Node{} // in line with shift.Dates
	for _, node := range dates {
		if day := o.day(node, "dates"); day != (models.Date{}) {
			shift.Dates, good = append(shift.Dates, day), append(good, node)
		}
	}
	if len(shift.Dates) > 0 && o.fields["from_date"] == nil {
		shift.FromDate = slices.MinFunc(shift.Dates, models.Date.Compare)
	} else {
		o.required("from_date")
	}
	o.wrong(shift.Check(), "dates", good)
	slices.SortFunc(shift.Dates, models.Date.Compare)
	shift.Dates = slices.Compact(shift.Dates)
}

// wrong tells what a rule says of fields, those of a list by the lines of its items.
func (o object) wrong(fields []models.FieldError, list string, items []*yaml.Node) {
	for _, one := range fields {
		line, name := o.lineOf(one.Field), one.Field
		for at, item := range items {
			if inner, within := strings.CutPrefix(one.Field, models.Indexed(list, at)); within {
				line, name = item.Line, strings.TrimPrefix(inner, ".")
			}
		}
		if name == "" {
			name = list
		}
		if one.Code == models.FieldRequired {
			o.mistakes.add(line, "%s is missing", name)
		} else {
			o.mistakes.add(line, "%s: wants %s", name, one.Want)
		}
	}
}

// named finds what a key means; the zero value when it means nothing, which is told.
func named[T any](o object, field string, known map[string]T) T {
	key := o.need(field, keyRule)
	found, there := known[key]
	if key != "" && !there {
		o.mistakes.add(o.lineOf(field), "%s: there is no %s", field, quoted(key))
	}
	return found
}

func (r *reader) readRoundPlan(node *yaml.Node) {
	read, ok := r.object(node, "round plan", "key", "name", "shift", "route", "ordered", "team", "stops")
	if !ok {
		return
	}
	key, shift := read.key("round plan"), named(read, "shift", r.shifts)
	plan := models.RoundPlan{
		ID: r.id("round plan", key), StationID: r.station, Name: read.need("name", nameRule), ShiftID: shift.ID,
		Ordered: read.yes("ordered"), Team: read.yes("team"),
	}
	route := models.Route{}
	if read.fields["route"] != nil {
		route = named(read, "route", r.routes)
		plan.RouteID = route.ID
	}
	stops := read.list("stops")
	switch {
	case len(stops) > models.MaxPlannedStops, len(stops) == 0 && len(route.Checkpoints) > models.MaxPlannedStops:
		r.mistakes.add(read.lineOf("stops"), "stops: wants at most %d", models.MaxPlannedStops)
		return
	case len(stops) > 0:
		for _, stop := range stops {
			plan.Stops = append(plan.Stops, r.readStop(stop, shift, route))
		}
	case read.fields["route"] == nil:
		r.mistakes.add(read.line, "wants a route, or stops")
	default:
		plan.Stops = models.StopsOf(route, shift)
	}
	if shift.ID != "" {
		read.wrong(plan.CheckStops(shift), "stops", stops)
	}
	if key != "" {
		r.made.RoundPlans = append(r.made.RoundPlans, plan)
	}
}

// readStop reads one stop of a plan: a checkpoint, of the route if there is one.
func (r *reader) readStop(node *yaml.Node, shift models.Shift, route models.Route) models.PlannedStop {
	stop := models.PlannedStop{UntilMinute: shift.LengthMinutes, Priority: models.PriorityNormal}
	read, ok := r.object(node, "stop", "checkpoint", "from_minute", "until_minute", "priority")
	if !ok {
		return stop
	}
	stop.CheckpointID = named(read, "checkpoint", r.points)
	if stop.CheckpointID != "" && route.ID != "" && !slices.Contains(route.Checkpoints, stop.CheckpointID) {
		r.mistakes.add(read.lineOf("checkpoint"), "checkpoint: it is not on the route")
	}
	stop.FromMinute = read.whole("from_minute", 0, 1439, 0)
	stop.UntilMinute = read.whole("until_minute", 1, 1440, stop.UntilMinute)
	if read.fields["priority"] != nil {
		stop.Priority = models.Priority(read.oneOf("priority", string(models.PriorityHigh), string(models.PriorityNormal),
			string(models.PriorityOptional)))
	}
	return stop
}
