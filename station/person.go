package station

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"xunfang/models"
)

const maxRoles = 100 // of one person, below what the database reads back

func (r *reader) readPerson(node *yaml.Node) {
	read, ok := r.object(node, "person", "key", "name", "phone", "account", "id_number", "roles")
	if !ok {
		return
	}
	key := read.key("person")
	person := models.DescribedPerson{Person: models.Person{
		ID: r.id("person", key), StationID: r.station, Name: models.Secret(read.need("name", nameRule)),
		Phone: models.CanonicalPhone(models.Secret(read.only("phone", phoneRule))), Account: read.only("account", accountRule),
		IDNumber: models.Secret(strings.ToUpper(read.only("id_number", numberRule))), Demo: r.options.Demo,
	}}
	roles := read.list("roles")
	if len(roles) > maxRoles {
		r.mistakes.add(read.lineOf("roles"), "roles: a person holds at most %d", maxRoles)
		return
	}
	for _, role := range roles {
		if grant, ok := r.readRole(role, key, person.ID); ok {
			person.Grants = append(person.Grants, grant)
		}
	}
	if key != "" {
		r.people[key] = person
		r.made.People = append(r.made.People, person)
	}
}

// only reads a text that no two people may share.
func (o object) only(field string, rule rule) string {
	text := o.maybe(field, rule)
	o.once(o.lineOf(field), "people "+field, strings.ToUpper(text), field)
	return text
}

func (r *reader) readRole(node *yaml.Node, key string, person models.ID) (models.Grant, bool) {
	read, ok := r.object(node, "role", "role", "scope", "starts_at", "ends_at")
	if !ok {
		return models.Grant{}, false
	}
	known := []string{}
	for _, role := range models.PersonRoles {
		known = append(known, string(role))
	}
	path := read.need("scope", pathRule)
	grant := models.Grant{
		PersonID: person, Role: models.Role(read.oneOf("role", known...)),
		StartsAt: read.time("starts_at"), EndsAt: read.time("ends_at"),
	}
	if !grant.EndsAt.IsZero() && !grant.StartsAt.Before(grant.EndsAt) {
		r.mistakes.add(read.lineOf("ends_at"), "ends_at: wants a time after starts_at")
	}
	place, found := r.place(read.lineOf("scope"), "scope", path)
	if !found || grant.Role == "" || key == "" {
		return grant, false
	}
	if !grant.Role.MayHoldAt(place.Level()) {
		r.mistakes.add(read.lineOf("scope"), "scope: %s is held at %s, not at a %s", grant.Role, levels(grant.Role.MayHoldAt), place.Level())
		return grant, false
	}
	if !r.once(read.line, "role", strings.Join([]string{key, string(grant.Role), path}, "\x00"), "role at the same scope") {
		return grant, false
	}
	grant.Place, grant.ID = place, models.DescribedID(string(r.station), "grant", key, string(grant.Role), path)
	return grant, true
}
