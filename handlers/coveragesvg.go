package handlers

import (
	"context"
	"encoding/xml"
	"fmt"
	"math"
	"slices"
	"strings"

	"xunfang/models"
)

const (
	mapWidth   = 800.0 // of the picture, in its own units
	mapMargin  = 24.0
	mapTop     = 64.0 // for the heading
	mapBottom  = 72.0 // for the legend
	minMapSize = 200.0
	maxMapSize = 1600.0
	dotRadius  = 7.0
)

// heat is the colours from few minutes to many: light to dark, so that they can be told apart in grey too.
var heat = []string{"#fee8c8", "#fdbb84", "#fc8d59", "#e34a33", "#990000"}

const (
	noHeat   = "#d9d9d9" // nobody was there
	street   = "#c8ccd2"
	keySeen  = "#1f4e99"
	keyEmpty = "#b00020" // a key place where nobody was
	ink      = "#222222"
)

// picture is a heat map as it is drawn.
type picture struct {
	strings.Builder
	west, north   float64 // the corner at the top left
	perLng, scale float64 // how much shorter a degree of longitude is; units of a degree of latitude
	height        float64
	most          int   // minutes of the place with the most
	until         []int // the most minutes of each colour
	taken         []box // where nothing more may be written
}

// keyPlace is a key place on the map.
type keyPlace struct {
	models.Checkpoint
	minutes int // with somebody there
}

// coverMap draws the report: patrol minutes as colours, with a legend; the routes; and the key places with their names,
// those where nobody was unlike the others.
func (h *Server) coverMap(ctx context.Context, report *coverReport) (string, error) {
	streets, err := h.namedPlaces(ctx, report.ground, models.CoverRoute)
	if err != nil {
		return "", err
	}
	whole := models.StretchOf(report.from, report.to)
	covers, err := h.Store.Covers(ctx, report.ground.station.ID, models.CoverCheckpoint, report.mode, whole)
	if err != nil {
		return "", err
	}
	keys := []keyPlace{}
	for _, checkpoint := range report.ground.keyPlaces() {
		figures := covers[string(checkpoint.ID)].Figures([]models.Stretch{whole})
		keys = append(keys, keyPlace{checkpoint, figures[0].PatrolMinutes})
	}
	return report.svg(streets, keys), nil
}

func (r *coverReport) svg(streets []coveredPlace, keys []keyPlace) string {
	drawn := &picture{}
	drawn.fit(append(slices.Clone(streets), r.places...), keys)
	for _, place := range r.places {
		drawn.most = max(drawn.most, place.total.PatrolMinutes)
	}
	drawn.until = heatSteps(drawn.most)
	total := mapTop + drawn.height + mapBottom
	title := fmt.Sprintf("巡逻覆盖热力图：%s 至 %s", r.local(r.from), r.local(r.to))
	drawn.tag(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" width="%.0f" height="%.0f" `+
		`role="img" aria-labelledby="t d" font-family="sans-serif">`,
		mapWidth, total, mapWidth, total)
	drawn.tag(`<title id="t">%s</title>`, escaped(title))
	drawn.tag(`<desc id="d">%s</desc>`, escaped(r.description(drawn.most)+emptyKeys(keys)))
	drawn.tag(`<rect width="100%%" height="100%%" fill="#ffffff"/>`)
	drawn.text(mapMargin, 30, 18, "start", ink, title)
	drawn.text(mapMargin, 52, 12, "start", ink, "统计截至 "+r.local(r.countedUntil)+"（"+r.zone.String()+"）。"+emptyKeys(keys))
	for _, route := range streets {
		drawn.line(route, street, 2, route.name)
	}
	for _, place := range r.places {
		drawn.place(place)
	}
	for _, key := range keys {
		drawn.mark(key)
	}
	for _, key := range keys {
		drawn.name(key)
	}
	drawn.legend(mapTop + drawn.height + 16)
	drawn.tag(`</svg>`)
	return drawn.String()
}

// emptyKeys says at how many key places nobody was.
func emptyKeys(keys []keyPlace) string {
	if len(keys) == 0 {
		return ""
	}
	empty := 0
	for _, key := range keys {
		if key.minutes == 0 {
			empty++
		}
	}
	return fmt.Sprintf("重点部位 %d 处，%d 处无人到过。", len(keys), empty)
}

func (r *coverReport) description(most int) string {
	seen := 0
	for _, place := range r.places {
		if place.total.PatrolMinutes > 0 {
			seen++
		}
	}
	return fmt.Sprintf("共 %d 个地点，%d 个有人到过；有人时间最长的为 %d 分钟。", len(r.places), seen, most)
}

// heatSteps are the most minutes of each colour. The steps grow with their square: a place where somebody passed
// twice differs from one passed once more than one of 82 minutes from one of 81.
func heatSteps(most int) []int {
	steps := []int{}
	for at := range heat {
		part := float64(at+1) / float64(len(heat))
		step := int(math.Ceil(float64(most) * part * part))
		if at > 0 {
			step = max(step, steps[at-1]+1)
		}
		steps = append(steps, max(step, 1))
	}
	return steps
}

// fit finds the part of the map to show, and its scale.
func (p *picture) fit(places []coveredPlace, keys []keyPlace) {
	low, high := models.Position{Lat: 90, Lng: 180}, models.Position{Lat: -90, Lng: -180}
	reach := func(at models.Position) {
		low.Lat, low.Lng = math.Min(low.Lat, at.Lat), math.Min(low.Lng, at.Lng)
		high.Lat, high.Lng = math.Max(high.Lat, at.Lat), math.Max(high.Lng, at.Lng)
	}
	for _, place := range places {
		if place.cell != nil {
			reach(place.cell[0])
			reach(place.cell[1])
		} else if place.at != nil {
			reach(*place.at)
		}
		for _, at := range place.line {
			reach(at)
		}
	}
	for _, key := range keys {
		reach(key.At)
	}
	if low.Lat > high.Lat { // nothing to show
		low, high = models.Position{}, models.Position{}
	}
	p.perLng = math.Max(math.Cos((low.Lat+high.Lat)/2*math.Pi/180), 0.01)
	const least = 0.001 // degrees: about a hundred metres
	width, height := math.Max((high.Lng-low.Lng)*p.perLng, least), math.Max(high.Lat-low.Lat, least)
	p.scale = math.Min((mapWidth-2*mapMargin)/width, (maxMapSize-2*mapMargin)/height)
	p.height = math.Max(height*p.scale+2*mapMargin, minMapSize)
	p.west, p.north = low.Lng, high.Lat
}

func (p *picture) at(position models.Position) (x, y float64) {
	return mapMargin + (position.Lng-p.west)*p.perLng*p.scale, mapTop + mapMargin + (p.north-position.Lat)*p.scale
}

func (p *picture) colour(minutes int) string {
	if minutes == 0 {
		return noHeat
	}
	at, _ := slices.BinarySearch(p.until, minutes)
	return heat[min(at, len(heat)-1)]
}

func (p *picture) place(place coveredPlace) {
	colour, words := p.colour(place.total.PatrolMinutes), fmt.Sprintf("%s：%d 分钟有人", place.called(), place.total.PatrolMinutes)
	switch {
	case place.cell != nil:
		left, bottom := p.at(place.cell[0])
		right, top := p.at(place.cell[1])
		p.tag(`<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"><title>%s</title></rect>`,
			left, top, right-left, bottom-top, colour, escaped(words))
	case place.at != nil:
		x, y := p.at(*place.at)
		p.tag(`<circle cx="%.1f" cy="%.1f" r="%.0f" fill="%s" stroke="#666666"><title>%s</title></circle>`,
			x, y, dotRadius, colour, escaped(words))
	default:
		p.line(place, colour, 6, words)
	}
}

func (p *picture) line(place coveredPlace, colour string, width float64, words string) {
	points := []string{}
	for _, at := range place.line {
		x, y := p.at(at)
		points = append(points, fmt.Sprintf("%.1f,%.1f", x, y))
	}
	p.tag(`<polyline points="%s" fill="none" stroke="%s" stroke-width="%.0f"><title>%s</title></polyline>`,
		strings.Join(points, " "), colour, width, escaped(words))
}

func (p *coveredPlace) called() string {
	if p.name == "" {
		return "格子 " + p.id
	}
	return p.name
}

func (p *picture) text(x, y, size float64, anchor, colour, words string) {
	p.tag(`<text x="%.1f" y="%.1f" font-size="%.0f" text-anchor="%s" fill="%s">%s</text>`, x, y, size, anchor, colour, escaped(words))
}

func (p *picture) tag(form string, values ...any) { _, _ = fmt.Fprintf(p, form+"\n", values...) }

// escaped is text that is nothing but text in XML.
func escaped(text string) string {
	safe := &strings.Builder{}
	_ = xml.EscapeText(safe, []byte(text)) // a Builder takes everything
	return safe.String()
}
