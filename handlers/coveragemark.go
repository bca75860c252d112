package handlers

import (
	"fmt"

	"xunfang/models"
)

const (
	markReach = 6.0  // from a diamond's middle to its corners
	nameSize  = 12.0 // of a key place's name
)

// box is a part of the picture.
type box struct{ left, top, right, bottom float64 }

func (b box) meets(other box) bool {
	return b.left < other.right && other.left < b.right && b.top < other.bottom && other.top < b.bottom
}

// diamond draws a mark; a hollow one is a key place where nobody was.
func (p *picture) diamond(x, y float64, empty bool, words string) {
	fill, line := keySeen, "#ffffff"
	if empty {
		fill, line = "#ffffff", keyEmpty
	}
	p.tag(`<path d="M%.1f %.1fl6 6 -6 6 -6 -6z" fill="%s" stroke="%s" stroke-width="1.5"><title>%s</title></path>`,
		x, y-markReach, fill, line, escaped(words))
}

// mark draws a key place.
func (p *picture) mark(key keyPlace) {
	x, y := p.at(key.At)
	p.diamond(x, y, key.minutes == 0, fmt.Sprintf("%s：%d 分钟有人", key.Name, key.minutes))
	p.taken = append(p.taken, box{x - markReach, y - markReach, x + markReach, y + markReach})
}

// name writes a key place's name beside its mark, where nothing else stands; where no place is left only the mark tells it.
func (p *picture) name(key keyPlace) {
	x, y := p.at(key.At)
	width := 0.0
	for _, letter := range key.Name {
		if width += nameSize * 0.6; letter > 0x2000 { // those of Chinese are as wide as high
			width += nameSize * 0.4
		}
	}
	for _, down := range []float64{0, -10, 10, -16, 16, -24, 24} {
		for _, left := range []float64{x + 10, x - 10 - width, x - width/2} {
			place := box{left, y + down - nameSize/2, left + width, y + down + nameSize/2}
			if !p.free(place) {
				continue
			}
			p.taken = append(p.taken, place)
			colour := ink
			if key.minutes == 0 {
				colour = keyEmpty
			}
			p.tag(`<text x="%.1f" y="%.1f" font-size="%.0f" stroke="#ffffff" stroke-width="3" stroke-linejoin="round">%s</text>`,
				left, y+down+4, nameSize, escaped(key.Name)) // so that it can be read on any colour
			p.text(left, y+down+4, nameSize, "start", colour, key.Name)
			return
		}
	}
}

// free says whether a box lies in the map and meets nothing that stands there.
func (p *picture) free(place box) bool {
	if place.left < 0 || place.right > mapWidth || place.top < mapTop || place.bottom > mapTop+p.height {
		return false
	}
	for _, other := range p.taken {
		if place.meets(other) {
			return false
		}
	}
	return true
}

func (p *picture) legend(top float64) {
	p.text(mapMargin, top+12, 13, "start", ink, "有人的分钟数")
	x := mapMargin + 100
	field := func(colour, words string) {
		p.tag(`<rect x="%.1f" y="%.1f" width="16" height="16" fill="%s" stroke="#666666"/>`, x, top, colour)
		p.text(x+22, top+13, 12, "start", ink, words)
		x += 104
	}
	field(noHeat, "0（无人）")
	low := 1
	for at, colour := range heat {
		if low > p.most {
			break
		}
		words := fmt.Sprintf("%d–%d", low, p.until[at])
		if low == p.until[at] {
			words = fmt.Sprint(low)
		}
		field(colour, words)
		low = p.until[at] + 1
	}
	p.diamond(mapMargin+8, top+32, false, "重点部位")
	p.text(mapMargin+22, top+37, 12, "start", ink, "重点部位")
	p.diamond(mapMargin+108, top+32, true, "重点部位，无人到过")
	p.text(mapMargin+122, top+37, 12, "start", keyEmpty, "重点部位，无人到过")
	p.tag(`<path d="M%.1f %.1fh24" stroke="%s" stroke-width="2"/>`, mapMargin+252, top+33, street)
	p.text(mapMargin+282, top+37, 12, "start", ink, "巡逻路线")
	p.measure(mapWidth-mapMargin, top+33)
}

// measure draws how long so many metres are, to the left of a point.
func (p *picture) measure(right, y float64) {
	const most = 160.0 // units
	degree := models.Position{}.DistanceM(models.Position{Lat: 1})
	metres, length := 0, 0.0
	for _, round := range []int{10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000} {
		if long := float64(round) / degree * p.scale; long <= most {
			metres, length = round, long
		}
	}
	if metres == 0 {
		return
	}
	p.tag(`<path d="M%.1f %.1fv4h%.1fv-4" fill="none" stroke="%s"/>`, right-length, y-2, length, ink)
	p.text(right-length-6, y+4, 12, "end", ink, fmt.Sprintf("%d 米", metres))
}
