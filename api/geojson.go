package api

import "github.com/gofiber/fiber/v2"

// The generated types for GeoJSON (RFC 7946) set its name and then call Fiber's JSON, which puts application/json in
// its place. These do not.
const typeGeoJSON = "application/geo+json"

// TrackFeaturesAsGeoJSON is listTracks' answer as GeoJSON.
type TrackFeaturesAsGeoJSON TrackFeatures

// VisitListTracksResponse implements ListTracksResponseObject.
func (t TrackFeaturesAsGeoJSON) VisitListTracksResponse(c *fiber.Ctx) error {
	return c.JSON(t, typeGeoJSON)
}

// GeoJSON is getCoverage's answer as GeoJSON.
type GeoJSON CoverageMap

// VisitGetCoverageResponse implements GetCoverageResponseObject.
func (g GeoJSON) VisitGetCoverageResponse(c *fiber.Ctx) error {
	return c.JSON(&g, typeGeoJSON)
}
