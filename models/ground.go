package models

import (
	"math"
	"strconv"
	"strings"
)

// The cells of the map, in metres. A coarse cell is made of whole fine ones.
const (
	FineCellM   = 50
	CoarseCellM = 1000
)

// CellSizes are the sizes of cells that are counted: every multiple of the finest.
var CellSizes = func() []int {
	sizes := []int{}
	for size := FineCellM; size <= CoarseCellM; size += FineCellM {
		sizes = append(sizes, size)
	}
	return sizes
}()

// CellGrid lays the cells of one station, from an origin that never moves: rows and columns are steps of latitude and
// longitude, as long in metres as the cell is at the origin. Ten kilometres further north a cell is 0.1 % narrower.
type CellGrid struct {
	Origin Position
}

// Cell is a place in the grid, counted from the origin to the east and to the north.
type Cell struct {
	X, Y int64
}

// MetresPerDegree is the length of a degree of latitude.
const MetresPerDegree = earthRadiusM * math.Pi / 180

// steps are the degrees of a fine cell's height and width.
func (g CellGrid) steps() (lat, lng float64) {
	lat = FineCellM / MetresPerDegree
	return lat, lat / math.Max(math.Cos(radians(g.Origin.Lat)), 0.01)
}

// At is the fine cell that a position lies in.
func (g CellGrid) At(at Position) Cell {
	lat, lng := g.steps()
	east := math.Mod(at.Lng-g.Origin.Lng+540, 360) - 180 // over the date line too
	return Cell{X: int64(math.Floor(east / lng)), Y: int64(math.Floor((at.Lat - g.Origin.Lat) / lat))}
}

// In is the cell of a size that a fine cell lies in.
func (c Cell) In(sizeM int) Cell {
	fine := int64(sizeM / FineCellM)
	return Cell{X: floorDiv(c.X, fine), Y: floorDiv(c.Y, fine)}
}

// String is the cell's name within its size.
func (c Cell) String() string {
	text := strconv.AppendInt(make([]byte, 0, 16), c.X, 10) // made for every minute that is counted
	return string(strconv.AppendInt(append(text, ':'), c.Y, 10))
}

// ParseCell reads what String wrote.
func ParseCell(text string) (Cell, error) {
	x, y, _ := strings.Cut(text, ":")
	east, err := strconv.ParseInt(x, 10, 64)
	if err != nil {
		return Cell{}, err
	}
	north, err := strconv.ParseInt(y, 10, 64)
	return Cell{X: east, Y: north}, err
}

// Bounds are a cell's corners in the south-west and the north-east; both borders there belong to the next cell.
func (g CellGrid) Bounds(cell Cell, sizeM int) (southWest, northEast Position) {
	lat, lng := g.steps()
	fine := float64(sizeM / FineCellM)
	corner := func(x, y int64) Position {
		return Position{Lat: g.Origin.Lat + float64(y)*lat*fine, Lng: g.Origin.Lng + float64(x)*lng*fine}
	}
	return corner(cell.X, cell.Y), corner(cell.X+1, cell.Y+1)
}

// Ground is everything of a station that somebody can be present at.
type Ground struct {
	Grid        CellGrid
	Checkpoints map[ID]Checkpoint
	Routes      []Route
	Posts       []StreetPost
	routesOf    map[ID][]ID     // checkpoint → routes
	near        map[Cell][]near // coarse cell → what reaches into it
}

// near is a checkpoint or a street post with the circle in which one is present at it.
type near struct {
	kind     CoverKind
	id       ID
	compound ID
	at       Position
	radiusM  float64
}

// nearCellM is the size of the cells by which what is near is found.
const nearCellM = 250

// NewGround puts a station's places where they are found.
func NewGround(grid CellGrid, checkpoints []Checkpoint, routes []Route, posts []StreetPost) *Ground {
	ground := &Ground{
		Grid: grid, Checkpoints: make(map[ID]Checkpoint, len(checkpoints)), Routes: routes, Posts: posts,
		routesOf: map[ID][]ID{}, near: map[Cell][]near{},
	}
	for _, one := range checkpoints {
		ground.Checkpoints[one.ID] = one
		ground.place(near{CoverCheckpoint, one.ID, one.Place.Compound, one.At, float64(one.RadiusM)})
	}
	for _, one := range posts {
		ground.place(near{CoverStreetPost, one.ID, one.Place.Compound, one.At, float64(one.RadiusM)})
	}
	for _, route := range routes {
		for _, checkpoint := range route.Checkpoints {
			ground.routesOf[checkpoint] = append(ground.routesOf[checkpoint], route.ID)
		}
	}
	return ground
}

// place notes a circle in every coarse cell that it may touch.
func (g *Ground) place(one near) {
	north := one.radiusM * 1.02 / MetresPerDegree // a little more than needed, as a circle is none in degrees
	east := north / math.Max(math.Cos(radians(one.at.Lat)), 0.01)
	low := g.Grid.At(Position{Lat: one.at.Lat - north, Lng: one.at.Lng - east}).In(nearCellM)
	high := g.Grid.At(Position{Lat: one.at.Lat + north, Lng: one.at.Lng + east}).In(nearCellM)
	for x := low.X; x <= high.X; x++ {
		for y := low.Y; y <= high.Y; y++ {
			g.near[Cell{x, y}] = append(g.near[Cell{x, y}], one)
		}
	}
}
