package station

import (
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"xunfang/models"
)

// object is one mapping of the file.
type object struct {
	*reader
	line   int
	fields map[string]*yaml.Node
}

// object reads a mapping with the known fields and no others; false when it is none.
func (r *reader) object(node *yaml.Node, what string, known ...string) (object, bool) {
	read := object{reader: r, line: node.Line, fields: map[string]*yaml.Node{}}
	if !r.plain(node, what) {
		return read, false
	}
	if node.Kind != yaml.MappingNode {
		r.mistakes.add(node.Line, "%s: wants fields (%s)", what, strings.Join(known, ", "))
		return read, false
	}
	for at := 0; at+1 < len(node.Content); at += 2 {
		name, value := node.Content[at], node.Content[at+1]
		field := name.Value
		switch before := read.fields[field]; {
		case name.Kind != yaml.ScalarNode || name.ShortTag() != "!!str" || !slices.Contains(known, field):
			r.mistakes.add(name.Line, "%s: unknown field %s; there are %s", what, quoted(field), strings.Join(known, ", "))
		case before != nil:
			r.mistakes.add(name.Line, "%s: %s stands here twice, before on line %d", what, field, before.Line)
		case value.ShortTag() == "!!null": // nothing behind the colon
			value.Line = name.Line
			fallthrough
		default:
			read.fields[field] = value
		}
	}
	return read, true
}

// plain refuses what the format does without: an alias repeats its anchor, which may itself
// repeat others, so that a short file means a huge one.
func (r *reader) plain(node *yaml.Node, what string) bool {
	if node.Kind == yaml.AliasNode || node.Anchor != "" {
		r.mistakes.add(node.Line, "%s: anchors (&) and aliases (*) are not used in this file", what)
		return false
	}
	return true
}

// list gives the items of a list field; none when it is missing or empty.
func (o object) list(field string) []*yaml.Node {
	node := o.fields[field]
	switch {
	case node == nil || !o.plain(node, field) || node.ShortTag() == "!!null":
		return nil
	case node.Kind != yaml.SequenceNode:
		o.mistakes.add(node.Line, "%s: wants a list", field)
		return nil
	default:
		return node.Content
	}
}

// need reads a text that must be there; "" when it is wrong, which is told.
func (o object) need(field string, rule rule) string {
	if o.fields[field] == nil || o.fields[field].ShortTag() == "!!null" {
		o.mistakes.add(o.lineOf(field), "%s is missing", field)
		return ""
	}
	return o.maybe(field, rule)
}

// maybe reads a text that may be left out.
func (o object) maybe(field string, rule rule) string {
	node := o.fields[field]
	if node == nil {
		return ""
	}
	return o.text(node, field, rule)
}

// text reads one scalar; "" when it is wrong, which is told.
func (r *reader) text(node *yaml.Node, what string, rule rule) string {
	if !r.plain(node, what) {
		return ""
	}
	text, ok := plainText(node)
	if !ok {
		r.mistakes.add(node.Line, "%s: wants text", what)
		return ""
	}
	if wrong := rule.check(text); wrong != "" {
		r.mistakes.add(node.Line, "%s: %s", what, wrong)
		return ""
	}
	return text
}

// oneOf reads a word of a list; "" when it is missing or another, which is told.
func (o object) oneOf(field string, words ...string) string {
	word := o.need(field, anyRule)
	if word != "" && !slices.Contains(words, word) {
		o.mistakes.add(o.lineOf(field), "%s: wants one of %s, not %s", field, strings.Join(words, ", "), quoted(word))
		return ""
	}
	return word
}

// whole reads a whole number within bounds, or gives otherwise when it is left out.
func (o object) whole(field string, least, most, otherwise int) int {
	node, value := o.fields[field], 0
	if node == nil || !o.plain(node, field) {
		return otherwise
	}
	if node.Kind != yaml.ScalarNode || node.ShortTag() != "!!int" || node.Decode(&value) != nil || value < least || value > most {
		o.mistakes.add(node.Line, "%s: wants a whole number from %d to %d", field, least, most)
		return otherwise
	}
	return value
}

// yes reads true or false; false when it is left out.
func (o object) yes(field string) bool {
	node, value := o.fields[field], false
	if node == nil || !o.plain(node, field) {
		return false
	}
	if node.Kind != yaml.ScalarNode || node.ShortTag() != "!!bool" || node.Decode(&value) != nil {
		o.mistakes.add(node.Line, "%s: wants true or false", field)
	}
	return value
}

// time reads an instant that may be left out.
func (o object) time(field string) time.Time {
	node := o.fields[field]
	if node == nil || !o.plain(node, field) {
		return time.Time{}
	}
	at, ok := instant(node, o.zone)
	if !ok {
		o.mistakes.add(node.Line, "%s: wants a day like 2026-01-31, or a time like 2026-01-31T08:00:00+08:00", field)
		return time.Time{}
	}
	return at
}

// date reads a day that may be left out.
func (o object) date(field string) models.Date {
	node := o.fields[field]
	if node == nil || !o.plain(node, field) {
		return models.Date{}
	}
	return o.day(node, field)
}

// day reads one day; none when it is wrong, which is told.
func (r *reader) day(node *yaml.Node, what string) models.Date {
	date, err := models.ParseDate(node.Value)
	if tag := node.ShortTag(); err != nil || node.Kind != yaml.ScalarNode || tag != "!!timestamp" && tag != "!!str" {
		r.mistakes.add(node.Line, "%s: wants a day like 2026-01-31", what)
		return models.Date{}
	}
	return date
}

// required tells when a field is missing that is no text.
func (o object) required(field string) {
	if o.fields[field] == nil {
		o.mistakes.add(o.line, "%s is missing", field)
	}
}

// position reads {lat, lng, crs}, which must be there, and turns it into WGS-84.
func (o object) position() models.Position {
	node := o.fields["position"]
	if node == nil {
		o.mistakes.add(o.line, "position is missing")
		return models.Position{}
	}
	read, ok := o.object(node, "position", "lat", "lng", "crs")
	if !ok {
		return models.Position{}
	}
	at := models.Position{Lat: read.degrees("lat", 90), Lng: read.degrees("lng", 180)}
	if read.fields["crs"] == nil {
		return at
	}
	return models.CRS(read.oneOf("crs", string(models.WGS84), string(models.GCJ02))).ToWGS84(at)
}

func (o object) degrees(field string, most float64) float64 {
	node := o.fields[field]
	if node == nil {
		o.mistakes.add(o.line, "%s is missing", field)
		return 0
	}
	value, ok := number(node)
	if !o.plain(node, field) || !ok || value < -most || value > most {
		o.mistakes.add(node.Line, "%s: wants a number of degrees from %g to %g", field, -most, most)
		return 0
	}
	return value
}

// lineOf is the line of a field, or of the object when it is missing.
func (o object) lineOf(field string) int {
	if node := o.fields[field]; node != nil {
		return node.Line
	}
	return o.line
}

// quoted shortens what stood in the file for a message.
func quoted(text string) string {
	const shown = 40
	runes := []rune(strings.ToValidUTF8(text, "?"))
	if len(runes) > shown {
		return "“" + string(runes[:shown]) + "…”"
	}
	return "“" + string(runes) + "”"
}
