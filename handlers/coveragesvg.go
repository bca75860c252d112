package handlers

import (
	"encoding/xml"
	"fmt"
	"math"
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

const noHeat = "#d9d9d9" // nobody was there

// picture is a heat map as it is drawn.
type picture struct {
	strings.Builder
	west, north   float64 // the corner at the top left
	perLng, scale float64 // how much shorter a degree of longitude is; units of a degree of latitude
	height        float64
	most          int // minutes of the place with the most
}

// svg draws the report: patrol minutes as colours, with a legend; key places are marked and named.
func (r *coverReport) svg() string {
	drawn := &picture{}
	drawn.fit(r)
	total := mapTop + drawn.height + mapBottom
	title := fmt.Sprintf("巡逻覆盖热力图：%s 至 %s", r.local(r.from), r.local(r.to))
	drawn.tag(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" width="%.0f" height="%.0f" `+
		`role="img" aria-labelledby="t d" font-family="sans-serif">`,
		mapWidth, total, mapWidth, total)
	drawn.tag(`<title id="t">%s</title>`, escaped(title))
	drawn.tag(`<desc id="d">%s</desc>`, escaped(r.description(drawn.most)))
	drawn.tag(`<rect width="100%%" height="100%%" fill="#ffffff"/>`)
	drawn.text(mapMargin, 30, 18, "start", title)
	drawn.text(mapMargin, 52, 12, "start", "统计截至 "+r.local(r.countedUntil)+"（"+r.zone.String()+"）")
	for _, place := range r.places {
		drawn.place(place)
	}
	for _, key := range r.keyPlaces {
		drawn.keyPlace(key)
	}
	drawn.legend(mapTop + drawn.height + 16)
	drawn.tag(`</svg>`)
	return drawn.String()
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

// fit finds the part of the map to show, and its scale.
func (p *picture) fit(r *coverReport) {
	low, high := models.Position{Lat: 90, Lng: 180}, models.Position{Lat: -90, Lng: -180}
	reach := func(at models.Position) {
		low.Lat, low.Lng = math.Min(low.Lat, at.Lat), math.Min(low.Lng, at.Lng)
		high.Lat, high.Lng = math.Max(high.Lat, at.Lat), math.Max(high.Lng, at.Lng)
	}
	for _, place := range r.places {
		p.most = max(p.most, place.total.PatrolMinutes)
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
	for _, key := range r.keyPlaces {
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

// steps is how many minutes wide a colour is.
func (p *picture) step() int { return max((p.most+len(heat)-1)/len(heat), 1) }

func (p *picture) colour(minutes int) string {
	if minutes == 0 {
		return noHeat
	}
	return heat[min((minutes-1)/p.step(), len(heat)-1)]
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
		points := []string{}
		for _, at := range place.line {
			x, y := p.at(at)
			points = append(points, fmt.Sprintf("%.1f,%.1f", x, y))
		}
		p.tag(`<polyline points="%s" fill="none" stroke="%s" stroke-width="6"><title>%s</title></polyline>`,
			strings.Join(points, " "), colour, escaped(words))
	}
}

func (p coveredPlace) called() string {
	if p.name == "" {
		return "格子 " + p.id
	}
	return p.name
}

// keyPlace marks a key place by a diamond with its name.
func (p *picture) keyPlace(key models.Checkpoint) {
	x, y := p.at(key.At)
	p.tag(`<path d="M%.1f %.1fl6 6 -6 6 -6 -6z" fill="#1f4e99" stroke="#ffffff"/>`, x, y-6)
	anchor, beside := "start", 10.0
	if x > mapWidth/2 { // the name stays in the picture
		anchor, beside = "end", -10
	}
	p.text(x+beside, y+4, 12, anchor, key.Name)
}

func (p *picture) legend(top float64) {
	p.text(mapMargin, top+12, 13, "start", "有人的分钟数")
	x := mapMargin + 100
	box := func(colour, words string) {
		p.tag(`<rect x="%.1f" y="%.1f" width="16" height="16" fill="%s" stroke="#666666"/>`, x, top, colour)
		p.text(x+22, top+13, 12, "start", words)
		x += 104
	}
	box(noHeat, "0（无人）")
	for at, colour := range heat {
		low, high := at*p.step()+1, (at+1)*p.step()
		if low > p.most {
			break
		}
		box(colour, fmt.Sprintf("%d–%d", low, high))
	}
	p.tag(`<path d="M%.1f %.1fl6 6 -6 6 -6 -6z" fill="#1f4e99"/>`, mapMargin+8, top+26)
	p.text(mapMargin+22, top+37, 12, "start", "重点部位")
}

func (p *picture) text(x, y, size float64, anchor, words string) {
	p.tag(`<text x="%.1f" y="%.1f" font-size="%.0f" text-anchor="%s" fill="#222222">%s</text>`, x, y, size, anchor, escaped(words))
}

func (p *picture) tag(form string, values ...any) { _, _ = fmt.Fprintf(p, form+"\n", values...) }

// escaped is text that is nothing but text in XML.
func escaped(text string) string {
	safe := &strings.Builder{}
	_ = xml.EscapeText(safe, []byte(text)) // a Builder takes everything
	return safe.String()
}
