package handlers

import (
	"context"
	"time"

	"xunfang/api"
)

// probeTime bounds how long readiness waits for the database.
const probeTime = 2 * time.Second

// GetHealth answers GET /healthz: the process answers.
func (h *Server) GetHealth(context.Context, api.GetHealthRequestObject) (api.GetHealthResponseObject, error) {
	return api.GetHealth200JSONResponse{Status: "ok", Version: h.Version}, nil
}

// GetReadiness answers GET /readyz and tells database, broker and push apart.
func (h *Server) GetReadiness(ctx context.Context, _ api.GetReadinessRequestObject) (api.GetReadinessResponseObject, error) {
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	readiness := api.Readiness{Status: "ready", Database: "up", Broker: "up", Push: "up"}
	if !h.PushOn {
		readiness.Push = "off"
	} else if h.PushAway != nil && h.PushAway() {
		readiness.Push, readiness.Status = "down", "degraded"
	}
	if h.Doors.Ready() != nil {
		readiness.Broker, readiness.Status = "down", "degraded"
	}
	if err := h.Store.Ping(ctx); err != nil {
		readiness.Database, readiness.Status = "down", "unavailable"
		return api.GetReadiness503JSONResponse(readiness), nil
	}
	return api.GetReadiness200JSONResponse(readiness), nil
}
