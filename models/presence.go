package models

import (
	"cmp"
	"encoding/binary"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// CoverFact is a check-in that counts, or a recorded position: somebody was somewhere in a minute.
type CoverFact struct {
	Minute       int // of the day of UTC
	Mode         Mode
	CheckpointID ID        // "" for a mere position
	CompoundID   ID        // of the check-in
	At           *Position // nil when the phone gave none
}

// Spot is a place under a mode, as cover is counted.
type Spot struct {
	Mode  Mode
	Kind  CoverKind // for cells that of CellKind
	Place string    // id, or the cell's name
}

// CellKind is the kind under which cells of a size are counted.
func CellKind(sizeM int) CoverKind { return CoverCell + CoverKind(strconv.Itoa(sizeM)) }

// Presence is where one person was in which minutes of one day of UTC. Of cells it has the finest,
// and no ModeAll: Spread adds both.
type Presence map[Spot]MinuteSet

// Presence finds the places of a person's facts. Who scans at a checkpoint is where the checkpoint is, on its routes and
// in its compound; a position is in its cell and at every checkpoint and street post in whose radius it lies.
func (g *Ground) Presence(facts []CoverFact) Presence {
	presence := Presence{}
	for _, fact := range facts {
		add := func(kind CoverKind, place string) {
			if place == "" {
				return
			}
			spot := Spot{Mode: fact.Mode, Kind: kind, Place: place}
			set := presence[spot]
			set.Add(fact.Minute)
			presence[spot] = set
		}
		add(CoverCompound, string(fact.CompoundID))
		at := fact.At
		if checkpoint, known := g.Checkpoints[fact.CheckpointID]; known {
			at = &checkpoint.At
		}
		g.addCheckpoint(fact.CheckpointID, add)
		if at == nil {
			continue
		}
		cell := g.Grid.At(*at)
		add(CellKind(FineCellM), cell.String())
		for _, one := range g.near[cell.In(nearCellM)] {
			if at.DistanceM(one.at) > one.radiusM {
				continue
			}
			switch {
			case one.kind == CoverStreetPost:
				add(CoverStreetPost, string(one.id))
			case fact.CheckpointID != "": // the sign that was scanned says which of several it was
				continue
			default:
				g.addCheckpoint(one.id, add)
			}
			add(CoverCompound, string(one.compound))
		}
	}
	return presence
}

func (g *Ground) addCheckpoint(id ID, add func(CoverKind, string)) {
	add(CoverCheckpoint, string(id))
	for _, route := range g.routesOf[id] {
		add(CoverRoute, string(route))
	}
}

// Replace puts what was found in some minutes in the place of what was known of them.
func (p Presence) Replace(minutes MinuteSet, found Presence) Presence {
	replaced := Presence{}
	for spot, set := range p {
		if set.Cut(minutes); !set.IsEmpty() {
			replaced[spot] = set
		}
	}
	for spot, set := range found {
		known := replaced[spot]
		known.Join(set)
		replaced[spot] = known
	}
	return replaced
}

// Spread adds the coarser cells and ModeAll: everything that is counted of this person.
func (p Presence) Spread() Presence {
	spread := make(Presence, 4*len(p))
	add := func(spot Spot, set MinuteSet) {
		for _, mode := range []Mode{spot.Mode, ModeAll} {
			spot.Mode = mode
			known := spread[spot]
			known.Join(set)
			spread[spot] = known
		}
	}
	fine, kinds := CellKind(FineCellM), make([]CoverKind, 0, len(CellSizes))
	for _, size := range CellSizes {
		kinds = append(kinds, CellKind(size))
	}
	for spot, set := range p {
		cell, err := ParseCell(spot.Place)
		if spot.Kind != fine || err != nil {
			add(spot, set)
			continue
		}
		for at, size := range CellSizes {
			add(Spot{Mode: spot.Mode, Kind: kinds[at], Place: cell.In(size).String()}, set)
		}
	}
	return spread
}

// presenceForm is the first byte of a stored presence, so that another form can be told from this one.
const presenceForm = 1

// Bytes is the presence as it is stored: the same presence gives the same bytes.
func (p Presence) Bytes() []byte {
	spots := slices.SortedFunc(maps.Keys(p), func(left, right Spot) int {
		return cmp.Or(strings.Compare(string(left.Mode), string(right.Mode)),
			strings.Compare(string(left.Kind), string(right.Kind)), strings.Compare(left.Place, right.Place))
	})
	data := binary.AppendUvarint([]byte{presenceForm}, uint64(len(spots)))
	for _, spot := range spots {
		for _, word := range []string{string(spot.Mode), string(spot.Kind), spot.Place} {
			data = appendWord(data, word)
		}
		set := p[spot]
		data = set.append(data)
	}
	return data
}

// ParsePresence reads what Bytes wrote; nothing is nobody.
func ParsePresence(data []byte) (Presence, error) {
	presence := Presence{}
	count, data, err := readCount(data, presenceForm)
	if err != nil {
		return nil, err
	}
	for range count {
		words := [3]string{}
		for at := range words {
			if words[at], data, err = readWord(data); err != nil {
				return nil, err
			}
		}
		var set MinuteSet
		if set, data, err = readMinutes(data); err != nil {
			return nil, err
		}
		presence[Spot{Mode: Mode(words[0]), Kind: CoverKind(words[1]), Place: words[2]}] = set
	}
	return presence, nil
}
