package handlers

import (
	"time"

	"xunfang/api"
	"xunfang/models"
)

const minRetry = time.Second

// value is what a pointer points to, or the zero value.
func value[T any](pointer *T) T {
	if pointer == nil {
		var zero T
		return zero
	}
	return *pointer
}

func instantOf(at *api.Time) time.Time {
	if at == nil {
		return time.Time{}
	}
	return at.UTC()
}

func idOrNil(id models.ID) *models.ID {
	if id == "" {
		return nil
	}
	return &id
}

func textOrNil(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// fixOf reads a position from the wire into WGS-84.
func fixOf(position *api.Position) *models.Fix {
	if position == nil {
		return nil
	}
	crs := models.CRS(position.Crs)
	return &models.Fix{
		Position:    crs.ToWGS84(models.Position{Lat: position.Lat, Lng: position.Lng}),
		ReportedCRS: crs, AccuracyM: value(position.AccuracyM), IsMock: value(position.IsMock), FixedAt: instantOf(position.FixedAt),
	}
}

// wireFix writes a fix in WGS-84.
func wireFix(fix *models.Fix) *api.Position {
	if fix == nil {
		return nil
	}
	position := wirePosition(fix.Position)
	if fix.AccuracyM > 0 {
		position.AccuracyM = &fix.AccuracyM
	}
	if fix.IsMock {
		position.IsMock = &fix.IsMock
	}
	if !fix.FixedAt.IsZero() {
		at := api.At(fix.FixedAt)
		position.FixedAt = &at
	}
	return &position
}

func wirePosition(at models.Position) api.Position {
	return api.Position{Lat: at.Lat, Lng: at.Lng, Crs: api.Crs(models.WGS84)}
}

func wireScope(place models.Place) api.Scope {
	return api.Scope{Kind: api.ScopeKind(place.Level()), Id: place.ID()}
}
