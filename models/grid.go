package models

import (
	"cmp"
	"math"
	"slices"
	"sync"
	"time"
)

// WhereaboutsKept is how long a last position is worth anything: whoever was seen longer ago may be anywhere.
const WhereaboutsKept = 2 * time.Hour

// MaxWhereabouts bounds the people whose last position one Grid keeps.
const MaxWhereabouts = 200_000

// The side of a cell: about 500 m northward. gridColumns of them go round the earth exactly.
const (
	gridColumns = 80_000
	gridStep    = 360.0 / gridColumns // degrees
)

// Whereabouts is where somebody was seen last.
type Whereabouts struct {
	Position
	ID ID
	At time.Time
}

// Neighbour is somebody near a point.
type Neighbour struct {
	Whereabouts
	DistanceM float64
}

// gridCell is a piece of the ground: row and column count cells from the south pole and from 180 degrees west.
type gridCell struct{ row, column int32 }

// Grid keeps last positions in memory, by the piece of ground they lie in. It may be used by many at once.
type Grid struct {
	mutex sync.RWMutex
	last  map[ID]Whereabouts
	cells map[gridCell]map[ID]Whereabouts
}

// NewGrid makes an empty one.
func NewGrid() *Grid {
	return &Grid{last: map[ID]Whereabouts{}, cells: map[gridCell]map[ID]Whereabouts{}}
}

func cellOf(at Position) gridCell {
	column := int32(math.Floor((at.Lng + 180) / gridStep))
	return gridCell{row: int32(math.Floor((at.Lat + 90) / gridStep)), column: (column%gridColumns + gridColumns) % gridColumns}
}

// Move notes where somebody is. What is older than what is known changes nothing: phones bring positions late
// and in any order. It says whether it counted; where the grid is full, nobody new does.
func (g *Grid) Move(now Whereabouts) bool {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	before, known := g.last[now.ID]
	if known && !before.At.Before(now.At) || !known && len(g.last) >= MaxWhereabouts {
		return false
	}
	cell := cellOf(now.Position)
	if was := cellOf(before.Position); known && was != cell {
		g.leave(was, now.ID)
	}
	if g.cells[cell] == nil {
		g.cells[cell] = map[ID]Whereabouts{}
	}
	g.last[now.ID], g.cells[cell][now.ID] = now, now
	return true
}

func (g *Grid) leave(cell gridCell, id ID) {
	delete(g.cells[cell], id)
	if len(g.cells[cell]) == 0 {
		delete(g.cells, cell)
	}
}

// Last is where somebody was seen last; false when that is not known.
func (g *Grid) Last(id ID) (Whereabouts, bool) {
	g.mutex.RLock()
	defer g.mutex.RUnlock()
	found, known := g.last[id]
	return found, known
}

// Forget drops the positions of before a time and says how many.
func (g *Grid) Forget(before time.Time) int {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	count := 0
	for id, seen := range g.last {
		if seen.At.Before(before) {
			g.leave(cellOf(seen.Position), id)
			delete(g.last, id)
			count++
		}
	}
	return count
}

// Nearest finds the n nearest of those whom keep wants, no further than withinM metres, the nearest first: exactly
// those that sorting everybody would give. keep must not call the grid.
func (g *Grid) Nearest(at Position, n int, withinM float64, keep func(Whereabouts) bool) []Neighbour {
	if n <= 0 {
		return nil
	}
	g.mutex.RLock()
	defer g.mutex.RUnlock()
	found := nearest{limit: n, withinM: withinM, keep: keep, from: at}
	centre, visited := cellOf(at), 0
	for ring := int32(0); ; ring++ {
		if beyond := ringAwayM(at, centre, ring); beyond > withinM || found.full() && beyond > found.farthestM() {
			return found.list // nobody further out can be nearer
		}
		if visited += int(max(1, 8*ring)); visited > len(g.cells) { // so few cells are in use that it is quicker to look at all
			return g.nearestOfAll(at, n, withinM, keep)
		}
		eachOfRing(centre, ring, func(cell gridCell) {
			for _, seen := range g.cells[cell] {
				found.offer(seen)
			}
		})
	}
}

func (g *Grid) nearestOfAll(at Position, n int, withinM float64, keep func(Whereabouts) bool) []Neighbour {
	found := nearest{limit: n, withinM: withinM, keep: keep, from: at}
	for _, seen := range g.last {
		found.offer(seen)
	}
	return found.list
}

// ringAwayM is how far, at least, everything is that lies in no ring before this one: by a meridian or a parallel.
func ringAwayM(at Position, centre gridCell, ring int32) float64 {
	if ring == 0 {
		return 0
	}
	south := at.Lat + 90 - float64(centre.row-ring+1)*gridStep
	north := float64(centre.row+ring)*gridStep - 90 - at.Lat
	inColumn := at.Lng + 180 - math.Floor((at.Lng+180)/gridStep)*gridStep
	sideways := min(inColumn, gridStep-inColumn) + float64(ring-1)*gridStep
	along := earthRadiusM * radians(max(0, min(south, north)))
	if sideways >= 90 {
		return along // the nearest point of such a meridian is a pole, and that is not nearer
	}
	// The distance to a meridian is measured at a right angle to it, not along the parallel.
	across := earthRadiusM * math.Asin(math.Sin(radians(max(0, sideways)))*math.Cos(radians(at.Lat)))
	return min(along, across)
}

// eachOfRing visits the cells that are ring steps away from the centre; columns go round the earth.
func eachOfRing(centre gridCell, ring int32, visit func(gridCell)) {
	for row := -ring; row <= ring; row++ {
		step := int32(1)
		if row != -ring && row != ring {
			step = max(1, 2*ring) // only both ends
		}
		for column := -ring; column <= ring; column += step {
			round := ((centre.column+column)%gridColumns + gridColumns) % gridColumns
			visit(gridCell{row: centre.row + row, column: round})
		}
	}
}

// nearest is the list of the nearest so far, sorted.
type nearest struct {
	list    []Neighbour
	limit   int
	withinM float64
	keep    func(Whereabouts) bool
	from    Position
}

func (n *nearest) full() bool { return len(n.list) == n.limit }

func (n *nearest) farthestM() float64 { return n.list[len(n.list)-1].DistanceM }

// offer takes somebody in if they are nearer than the last. Of two as near, the smaller id is first.
func (n *nearest) offer(seen Whereabouts) {
	one := Neighbour{Whereabouts: seen, DistanceM: n.from.DistanceM(seen.Position)}
	if one.DistanceM > n.withinM || n.full() && compareNeighbours(one, n.list[len(n.list)-1]) > 0 || !n.keep(seen) {
		return
	}
	place, _ := slices.BinarySearchFunc(n.list, one, compareNeighbours)
	n.list = slices.Insert(n.list, place, one)
	n.list = n.list[:min(len(n.list), n.limit)]
}

func compareNeighbours(left, right Neighbour) int {
	return cmp.Or(cmp.Compare(left.DistanceM, right.DistanceM), cmp.Compare(left.ID, right.ID))
}
