package api

import (
	"context"
	"net/url"
	"time"

	"xunfang/models"
)

// Request is what a handler knows about the request beside its typed parameters.
type Request struct {
	ID             string // also in X-Request-Id, in problems and in the log
	Operation      models.Operation
	Principal      models.Principal // empty where the operation is public
	Now            time.Time        // when the request came in; the only clock of a handler
	Language       string           // "zh-CN" or "en"
	IdempotencyKey string           // "" where the operation has none
	// BodyHash is over the method, the path and the body; of a multipart body over its parts,
	// because a repeat has another boundary. It is set where there is an Idempotency-Key.
	BodyHash   [32]byte
	Signed     []byte        // the body as it was sent, where the operation is x-signed
	RemoteAddr string        // the caller's address, behind trusted proxies too
	UserAgent  string        // at most 200 bytes
	Accept     string        // which forms of the answer are wanted, at most 500 bytes; see Preferred
	Wait       time.Duration // Prefer: wait, 0 to 10 s; 0 when it was not asked for
	Basic      Basic         // where the operation takes it
	Others     url.Values    // parameters that the contract does not name, where the operation takes such (x-open-query)
	// Anonymous says that nothing may be kept by which the caller could be found: the operation is x-anonymous.
	// Then ID, RemoteAddr and UserAgent tell nothing, and Now is cut to the minute.
	Anonymous bool
	// Neighbour stands for the caller's address where the operation is x-anonymous: a hash that is
	// another one after an hour at the most. It is for limits in memory and is never written.
	Neighbour string
}

type requestKey struct{}

// Hide makes the rest of a request anonymous, whose caller asked for that: no line in the log, nothing to the second.
func Hide(ctx context.Context) {
	if request, ok := ctx.Value(requestKey{}).(*Request); ok {
		request.Anonymous, request.RemoteAddr, request.UserAgent = true, "", ""
		request.Now = request.Now.Truncate(models.CoarseTime)
	}
}

// From gives the request that the context belongs to; the zero Request outside of one.
func From(ctx context.Context) Request {
	if request, ok := ctx.Value(requestKey{}).(*Request); ok {
		return *request
	}
	return Request{}
}

// With puts a request into a context, for tests of handlers and for work that is
// done in somebody's name outside of HTTP.
func With(ctx context.Context, request Request) context.Context {
	return context.WithValue(ctx, requestKey{}, &request)
}
