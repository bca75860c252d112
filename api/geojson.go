package api

import "github.com/gofiber/fiber/v2"

// GeoJSON answers getCoverage as application/geo+json. The generated type for it sets that name and then calls Fiber's
// JSON, which puts application/json in its place.
type GeoJSON CoverageMap

// VisitGetCoverageResponse implements GetCoverageResponseObject.
func (g GeoJSON) VisitGetCoverageResponse(ctx *fiber.Ctx) error {
	return ctx.JSON(&g, "application/geo+json")
}
