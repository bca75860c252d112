// Package handlers answers every operation of the contract and every event from a door:
// load facts → ask the rule in models → write → act → answer.
// It imports api, models, auth and store; doors, push, media and reports reach it through the small interfaces below.
package handlers

import (
	"context"
	"io"
	"log/slog"
	"time"

	"xunfang/api"
	"xunfang/auth"
	"xunfang/models"
	"xunfang/store"
)

// DoorLink carries a command to a controller. Send returns when the broker has it;
// what the controller makes of it comes back through Server.Acknowledged.
type DoorLink interface {
	Send(ctx context.Context, command models.DoorCommand, nonce string) error
	Ready() error
}

// Hardware drives devices of other makers: doors/hardware.
type Hardware interface {
	// Open opens a door once, and never at or after the command's expiry. The outcome always holds; the error is its cause.
	Open(ctx context.Context, device models.Device, command models.DoorCommand) (models.DoorOutcome, error)
	// Capabilities are what a device does, as its driver declares it. No network is asked.
	Capabilities(ctx context.Context, device models.Device) models.DoorCapabilities
	// Changed says that the settings of a device may have changed.
	Changed()
}

// SMSSender sends a sign-in code to a phone.
type SMSSender interface {
	SendCode(ctx context.Context, phone, code models.Secret, locale string) error
}

// Photos makes a photo clean; what it returns is all that is kept.
type Photos interface {
	Clean(ctx context.Context, data []byte) (models.Media, []byte, error)
}

// Blobs keeps the bytes of photos under names of our own.
type Blobs interface {
	Put(ctx context.Context, name, contentType string, data []byte) error
	Get(ctx context.Context, name string) ([]byte, error)
	Delete(ctx context.Context, name string) error
}

// Config is everything the handlers stand on.
type Config struct {
	Store     *store.Store
	Keys      *auth.Keys
	Tokens    *auth.Tokens
	Passwords *auth.Passwords
	Contract  *api.Contract
	SMS       SMSSender
	WeChat    WeChat // nil where the station has no mini-program
	Doors     DoorLink
	Hardware  Hardware            // doors of other makers
	Networks  models.DoorNetworks // where these may stand
	Hook      AlertHook           // speaks to the station's own systems; nil where nothing does

	HookNetworks models.DoorNetworks // where those may stand

	VoiceSecrets func() ([]models.Secret, error) // what the caller system signs with, as they are now; nil where there is none

	Photos    Photos
	Blobs     Blobs
	Reports   ReportWriter
	Opener    SealedOpener                       // opens anonymous tips here; nil where no station's private key is on this machine
	ProofBits int                                // how hard a proof of work is; 0: models.ProofBits
	ListLife  time.Duration                      // how long controllers may open by a list; 0: models.AllowListLife
	Codes     models.CodeRules                   // how visitors' codes are drawn and asked for; zero: models.DefaultCodeRules
	PushOn    bool                               // whether alerts leave for phones at all
	PushAway  func() bool                        // whether the provider of a way to phones takes nothing; nil: that is not known
	PublicURL string                             // where phones outside reach the API, for what is printed; "" where that is not set
	WakePush  func()                             // tells the push worker that there is something new
	Replicas  Replicas                           // wakes other replicas; nil where this is the only one
	Expel     func(device models.ID)             // ends a device's connection to the broker; nil where the broker is not ours
	Connected func() map[models.ID]models.Secret // who is connected to it, and by which secret; nil as above
	Silence   time.Duration                      // how long a device is not heard before somebody is told; 0: models.DeviceSilenceDefault
	NewID     func() models.ID
	Random    io.Reader
	Now       func() time.Time // for what devices bring in; operations use their request's Now
	Logger    *slog.Logger
	Version   string

	FaceTexts []models.FaceConsentText // what is consented to for faces; nil: models.FaceConsentTexts
}

// Server answers the contract. Its memory holds only what may be lost: caches, who is
// waiting, and how often was guessed at what is not a door's code.
type Server struct {
	Config
	flights     flights
	sessions    sessionCache
	slowing     minuteBook
	holders     signInBook // tries at accounts that exist, by person
	nobodies    signInBook // tries at accounts that do not, by name
	trackers    signInBook // tries at trackers, by their ids
	tracking    minuteBook // whose positions by other apps stand in the audit already
	only        stationCache[models.ID]
	proofs      proofBook   // challenges that were used
	receipts    receiptBook // tries at receipts
	claims      guessBook   // at claim codes, by who enters them
	commands    commandWaiters
	openings    openingBook
	streams     streamHub
	spread      spreadBook     // alerts that streams were given
	told        toldBook       // changes of calls for help
	rung        toldBook       // changes of calls at doors
	hearing     models.Hearing // of devices; only the keeper's
	flushed     flushedBook
	climbed     toldBook
	quiet       quietCounts
	positions   positionBook
	patrol      stationCache[patrolFacts]
	corrections stationCache[bool] // whether there are any
	places      stationCache[[]models.Compound]
	besides     chan struct{}
	finishing   chan struct{}     // uploads being put together
	sealers     map[string]Sealer // of media, by name
}

var _ api.StrictServerInterface = (*Server)(nil)

// New makes the server.
func New(config Config) *Server {
	if config.ListLife == 0 {
		config.ListLife = models.AllowListLife
	}
	if config.Codes == (models.CodeRules{}) {
		config.Codes = models.DefaultCodeRules()
	}
	server := &Server{
		Config:      config,
		flights:     flights{under: map[string]bool{}},
		sessions:    sessionCache{entries: map[models.ID]sessionEntry{}, of: map[models.ID]map[models.ID]bool{}},
		only:        stationCache[models.ID]{entries: map[models.ID]stationEntry[models.ID]{}},
		proofs:      proofBook{used: map[string]usedProof{}},
		receipts:    receiptBook{addresses: map[string]models.ReceiptTries{}},
		claims:      guessBook{guessers: map[models.ID]*guesser{}},
		commands:    commandWaiters{waiting: map[models.ID]chan struct{}{}},
		openings:    openingBook{under: map[models.ID]map[chan struct{}]bool{}},
		besides:     make(chan struct{}, maxBeside),
		finishing:   make(chan struct{}, maxFinishing),
		streams:     streamHub{open: map[models.ID]map[*streamWaiter]bool{}},
		spread:      spreadBook{known: map[models.ID]bool{}},
		told:        toldBook{versions: map[models.ID]int64{}},
		rung:        toldBook{versions: map[models.ID]int64{}},
		climbed:     toldBook{versions: map[models.ID]int64{}},
		positions:   newPositionBook(),
		corrections: stationCache[bool]{entries: map[models.ID]stationEntry[bool]{}},
		patrol:      stationCache[patrolFacts]{entries: map[models.ID]stationEntry[patrolFacts]{}},
		places:      stationCache[[]models.Compound]{entries: map[models.ID]stationEntry[[]models.Compound]{}},
	}
	server.sealers = map[string]Sealer{
		sealedByVault: vaultSealer{config.Keys}, sealedToStation: stationSealer{key: server.stationKey, opener: config.Opener},
	}
	return server
}
