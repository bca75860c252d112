package handlers

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"xunfang/api"
	"xunfang/models"
)

// coverGround is the caller's station as cover is told of it.
type coverGround struct {
	*models.Ground
	station      models.StationInfo
	zone         *time.Location
	countedUntil time.Time
	coarse       bool // the caller may not see tracks, and is told nothing from which one could be read
}

// coverGround reads the caller's station, and until when its cover is counted.
func (h *Server) coverGround(ctx context.Context, operation models.Operation) (*coverGround, error) {
	asked := api.From(ctx)
	place := models.Place{Station: asked.Principal.StationID}
	if err := models.May(operation, asked.Principal, models.Object{Place: place}); err != nil {
		return nil, err
	}
	found := &coverGround{coarse: models.May(models.OpListTracks, asked.Principal, models.Object{Place: place}) != nil}
	var err error
	if found.countedUntil, err = h.Store.CountedUntil(ctx, place.Station, asked.Now); err != nil {
		return nil, err
	}
	if found.station, found.Ground, err = h.Store.CoverageGround(ctx, place.Station); err != nil {
		return nil, err
	}
	if found.zone, err = time.LoadLocation(found.station.TimeZone); err != nil {
		return nil, fmt.Errorf("handlers: time zone of station %s: %w", place.Station, err)
	}
	return found, nil
}

// keyPlaces are the checkpoints marked so, by name.
func (g *coverGround) keyPlaces() []models.Checkpoint {
	found := []models.Checkpoint{}
	for _, checkpoint := range g.Checkpoints {
		if checkpoint.KeyPlace {
			found = append(found, checkpoint)
		}
	}
	slices.SortFunc(found, func(left, right models.Checkpoint) int { return strings.Compare(left.Name, right.Name) })
	return found
}

// coveredPlace is one place with its figures.
type coveredPlace struct {
	place string // as it is counted
	id    string // as it is told
	name  string // "" for a cell
	key   bool
	at    *models.Position    // a cell's middle; nil for a route
	cell  *[2]models.Position // a cell's corners, south-west and north-east
	line  []models.Position   // a route's checkpoints
	total models.Figures
	slots []models.Figures
}

// coarsen leaves of the figures what may be told to those who may not see tracks.
func (p *coveredPlace) coarsen() {
	p.total = p.total.Shown()
	for at := range p.slots {
		p.slots[at] = p.slots[at].Shown()
	}
}

// cellPlaces are the cells in which somebody was, from the south-west on.
func cellPlaces(ground *models.Ground, covers map[string]models.Cover, within models.Stretch, sizeM int) []coveredPlace {
	cells := []models.Cell{}
	for name, cover := range covers {
		if _, seen := cover.LastPresent(within); !seen {
			continue
		}
		if cell, err := models.ParseCell(name); err == nil {
			cells = append(cells, cell)
		}
	}
	slices.SortFunc(cells, func(left, right models.Cell) int {
		return cmp.Or(cmp.Compare(left.Y, right.Y), cmp.Compare(left.X, right.X))
	})
	places := make([]coveredPlace, 0, len(cells))
	for _, cell := range cells {
		low, high := ground.Grid.Bounds(cell, sizeM)
		middle := models.Position{Lat: (low.Lat + high.Lat) / 2, Lng: (low.Lng + high.Lng) / 2}
		places = append(places, coveredPlace{
			place: cell.String(), id: fmt.Sprintf("%d:%s", sizeM, cell), at: &middle, cell: &[2]models.Position{low, high},
		})
	}
	return places
}

// namedPlaces are all places of a kind that is not the cells, by name: those too at which nobody was.
func (h *Server) namedPlaces(ctx context.Context, ground *coverGround, kind models.CoverKind) ([]coveredPlace, error) {
	places := []coveredPlace{}
	add := func(id models.ID, name string, at *models.Position) *coveredPlace {
		places = append(places, coveredPlace{place: string(id), id: string(id), name: name, at: at})
		return &places[len(places)-1]
	}
	switch kind {
	case models.CoverRoute:
		for _, route := range ground.Routes {
			place := add(route.ID, route.Name, nil)
			for _, id := range route.Checkpoints {
				place.line = append(place.line, ground.Checkpoints[id].At)
			}
		}
	case models.CoverCompound:
		compounds, err := h.Store.StationCompounds(ctx, ground.station.ID)
		if err != nil {
			return nil, err
		}
		for _, compound := range compounds {
			add(compound.ID, compound.Name, &compound.Centre)
		}
	case models.CoverStreetPost:
		for _, post := range ground.Posts {
			add(post.ID, post.Name, &post.At)
		}
	default:
		for _, checkpoint := range ground.Checkpoints {
			if kind != models.CoverKeyPlace || checkpoint.KeyPlace {
				add(checkpoint.ID, checkpoint.Name, &checkpoint.At).key = checkpoint.KeyPlace
			}
		}
	}
	slices.SortFunc(places, func(left, right coveredPlace) int {
		return cmp.Or(strings.Compare(left.name, right.name), strings.Compare(left.id, right.id))
	})
	return places, nil
}
