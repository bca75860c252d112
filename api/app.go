package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"xunfang/models"
)

// Options is what an App is made of. Contract, Server, Authenticator, Now, NewID and
// Logger must be there; the rest has defaults.
type Options struct {
	Contract       []byte    // openapi.yaml
	Compiled       *Contract // LoadContract of it, where that was done already
	Server         StrictServerInterface
	Authenticator  Authenticator
	Now            func() time.Time
	NewID          func() models.ID
	Logger         *slog.Logger
	Limits         Limits
	TrustedProxies []string // addresses or ranges whose X-Forwarded-For is believed
	Origins        []string // web origins that may call (CORS); none by default
	Refused        RefusedFunc
	Metrics        *Metrics
	BodyLimit      int // bytes no request may exceed; default: what the contract needs
	CheckResponses bool
	Streams        StreamLimits
}

// App serves the contract.
type App struct {
	options  Options
	contract *Contract
	fiber    *fiber.App
	limits   *limits
	streams  *streams
	sockets  upgrading
	trusted  trusted
	salt     hourlySalt
	conform  *conformer
	docs     map[string]page
	base     context.Context //nolint:containedctx // ends when a shutdown has waited long enough
	end      context.CancelFunc
	serving  context.Context //nolint:containedctx // ends when a shutdown begins, and with it the streams
	stop     context.CancelCauseFunc

	entrance    atomic.Pointer[entrance] // nil until Listen
	connections atomic.Int64             // open now
}

const (
	readTimeout    = 20 * time.Second // a photo over a slow line
	writeTimeout   = 30 * time.Second // streams move their own deadline
	idleTimeout    = 75 * time.Second
	readBufferSize = 16 << 10  // bytes of request line and headers together
	politeLimit    = 256 << 10 // bytes read beyond a limit so that the refusal can be answered
	maxConnections = 20_000
)

// New makes the server: nothing is listened to yet.
func New(options Options) (*App, error) { return newApp(options, func(*fiber.Config) {}) }

// newApp lets tests turn off a protection, to show what it protects from.
func newApp(options Options, change func(*fiber.Config)) (*App, error) {
	if options.Server == nil || options.Authenticator == nil || options.Now == nil ||
		options.NewID == nil || options.Logger == nil {
		return nil, errors.New("api: Server, Authenticator, Now, NewID and Logger are needed")
	}
	contract := options.Compiled
	if contract == nil {
		var err error
		if contract, err = LoadContract(options.Contract); err != nil {
			return nil, err
		}
	}
	proxies, err := parseTrusted(options.TrustedProxies)
	if err != nil {
		return nil, err
	}
	if options.Metrics == nil {
		options.Metrics = NewMetrics()
	}
	base, end := context.WithCancel(context.Background())
	serving, stop := context.WithCancelCause(base)
	app := &App{
		options: options, contract: contract, trusted: proxies, base: base, end: end, serving: serving, stop: stop,
		limits: newLimits(options.Limits, contract), streams: newStreams(options.Streams),
		docs: documentation(contract),
	}
	if options.CheckResponses {
		app.conform = newConformer()
	}
	app.build(change)
	return app, nil
}

// Contract is the compiled contract, for DecodeItem.
func (a *App) Contract() *Contract { return a.contract }

func (a *App) build(change func(*fiber.Config)) {
	config := fiber.Config{
		Immutable:                    true, // Fiber's strings live in buffers that the next request overwrites
		CaseSensitive:                true,
		StrictRouting:                true,
		DisableStartupMessage:        true,
		DisablePreParseMultipartForm: true, // the handler reads the parts; no files are made behind its back
		EnableTrustedProxyCheck:      true, // Fiber believes every X-Forwarded header without it
		TrustedProxies:               a.options.TrustedProxies,
		ReadTimeout:                  readTimeout,
		WriteTimeout:                 writeTimeout,
		IdleTimeout:                  idleTimeout,
		ReadBufferSize:               readBufferSize,
		BodyLimit:                    a.bodyLimit(),
		Concurrency:                  maxConnections,
		ErrorHandler:                 a.onServerError,
		JSONDecoder:                  decodeStrictly,
		JSONEncoder:                  json.Marshal,
	}
	change(&config)
	a.fiber = fiber.New(config)
	a.fiber.Use(a.front)
	a.routeDocs()
	router := siblings{Router: a.fiber}
	for _, operation := range a.contract.operations {
		router.paths = append(router.paths, fiberPath(operation.path))
	}
	for _, operation := range a.contract.operations {
		// The guard must be in front of every method that reaches the handler:
		// the generated server's Get answers HEAD too.
		methods := []string{operation.method}
		if operation.method == fiber.MethodGet {
			methods = append(methods, fiber.MethodHead)
		}
		for _, method := range methods {
			router.Add(method, fiberPath(operation.path), a.guard(operation))
		}
	}
	RegisterHandlers(router, NewStrictHandler(a.options.Server, []StrictMiddlewareFunc{a.onlyGuarded}))
	server := a.fiber.Server()
	inner := server.Handler
	server.Handler = func(ctx *fasthttp.RequestCtx) {
		a.wellFormed(ctx, inner)
		a.lastAnswer(ctx)
		streamHeader(ctx)
	}
	server.HeaderReceived = a.limitBody
	server.ConnState = a.count
}

// onlyGuarded refuses to run an operation that no guard has let through. It can only
// happen when routes and contract have come apart.
func (a *App) onlyGuarded(next StrictHandlerFunc, name string) StrictHandlerFunc {
	return func(c *fiber.Ctx, request any) (any, error) {
		if !a.visit(c).passed {
			return nil, fmt.Errorf("api: %s was reached without its guard", name)
		}
		return next(c, request)
	}
}

// Listen serves until Shutdown; then it returns nil.
func (a *App) Listen(listener net.Listener) error {
	opened := &entrance{Listener: listener}
	a.entrance.Store(opened)
	return a.fiber.Listener(opened)
}

// Shutdown stops accepting, ends the streams, lets clients leave their connections, and waits for
// requests being answered, but no longer than ctx; those still running then see their contexts end.
func (a *App) Shutdown(ctx context.Context) error {
	a.stop(errStopping)
	defer a.end()
	if err := a.drain(ctx); err != nil {
		return fmt.Errorf("api: shutdown: %w", err)
	}
	if err := a.fiber.ShutdownWithContext(ctx); err != nil {
		return fmt.Errorf("api: shutdown: %w", err)
	}
	return a.streams.wait(ctx)
}

// Test answers one request without a network, within 30 s.
func (a *App) Test(request *http.Request) (*http.Response, error) {
	const patience = 30 * time.Second
	return a.fiber.Test(request, int(patience.Milliseconds()))
}
