package api

import (
	"net/http"

	"github.com/gofiber/fiber/v2"
)

const typeGeoJSON = "application/geo+json"

// TrackFeaturesAsGeoJSON is listTracks' answer as GeoJSON. The generated one would call itself application/json.
type TrackFeaturesAsGeoJSON TrackFeatures

// VisitListTracksResponse implements ListTracksResponseObject.
func (response TrackFeaturesAsGeoJSON) VisitListTracksResponse(c *fiber.Ctx) error {
	c.Status(http.StatusOK)
	return c.JSON(response, typeGeoJSON)
}
