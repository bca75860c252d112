package handlers

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"github.com/skip2/go-qrcode"

	"xunfang/api"
	"xunfang/auth"
	"xunfang/models"
)

//go:embed guestpage.html
var guestPageText string

var guestPageForm = template.Must(template.New("guest").Parse(guestPageText))

const guestPath = "/guest/"

const guestStyle = `body{margin:0;font:18px/1.5 sans-serif;color:#111;background:#fff}main{max-width:26em;margin:0 auto;padding:1em}` +
	`h1{font-size:1.3em;margin:0}h2{font-size:1.1em}.place{margin:.2em 0}.state{font-weight:bold;padding:.3em .6em;background:#eee}` +
	`.on{background:#d7f5dc}.off{background:#f9d6d5}.qr{width:75%;max-width:17em;margin:1em auto}.qr svg{display:block;width:100%}` +
	`.code{font:bold 2em/1.2 monospace;text-align:center;margin:.3em 0}input{font:inherit;width:100%;box-sizing:border-box;padding:.4em}` +
	`button{font:inherit;width:100%;padding:.6em;background:#0b57a4;color:#fff;border:0}`

// guestPolicy lets the page have its own style and its own form, and nothing else.
var guestPolicy = func() string {
	sum := sha256.Sum256([]byte(guestStyle))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; form-action 'self'; " +
		"base-uri 'none'; frame-ancestors 'none'"
}()

// guestPage is what a guest sees: nothing of the host, and of the home no more than the doors on the way.
type guestPage struct {
	Words                                     guestWords
	Style                                     template.CSS
	Live                                      bool // the page reads itself again, for the time left
	Compound, State, Class                    string
	Code, Extension, Left, From, Until, Hours string
	QR                                        template.HTML
	Place                                     string // a fresh address for a guest of a group
	Doors                                     []string
}

// write makes the page; it is small, and made in memory.
func (p guestPage) write() (*bytes.Reader, int64, error) {
	var text bytes.Buffer
	p.Style = guestStyle
	if err := guestPageForm.Execute(&text, p); err != nil {
		return nil, 0, err
	}
	return bytes.NewReader(text.Bytes()), int64(text.Len()), nil
}

func (p guestPage) headers() api.GetGuestPage200ResponseHeaders {
	robots := "noindex, nofollow, noarchive"
	return api.GetGuestPage200ResponseHeaders{ContentLanguage: &p.Words.Language, ContentSecurityPolicy: &guestPolicy, XRobotsTag: &robots}
}

// GetGuestPage answers GET /guest/{token}. Looking changes nothing, for those who preview links look as well.
func (h *Server) GetGuestPage(ctx context.Context, request api.GetGuestPageRequestObject) (api.GetGuestPageResponseObject, error) {
	token := models.Secret(request.Token)
	pass, err := h.Store.VisitorPassByGuestHash(ctx, h.Keys.GuestHash(token))
	if models.CodeOf(err) == models.CodeNotFound {
		page := guestNotice(ctx, "")
		body, length, err := page.write()
		return api.GetGuestPage404TexthtmlResponse{
			Body: body, ContentLength: length, Headers: api.GetGuestPage404ResponseHeaders(page.headers()),
		}, err
	}
	if err != nil {
		return nil, err
	}
	page, err := h.pageOfPass(ctx, pass, token)
	if err != nil {
		return nil, err
	}
	body, length, err := page.write()
	return api.GetGuestPage200TexthtmlResponse{Body: body, ContentLength: length, Headers: page.headers()}, err
}

// guestNotice is a page with one sentence; that there is no such page when there is none.
func guestNotice(ctx context.Context, sentence string) guestPage {
	words := guestPageWords[api.From(ctx).Language]
	if sentence == "" {
		sentence = words.none
	}
	return guestPage{Words: words, State: sentence, Class: "off"}
}

// pageOfPass gathers what the page of a pass shows. One that opens nothing any more shows neither code nor way.
func (h *Server) pageOfPass(ctx context.Context, pass models.VisitorPass, token models.Secret) (guestPage, error) {
	now, words := api.From(ctx).Now, guestPageWords[api.From(ctx).Language]
	state := pass.State(now)
	if stands, err := h.Store.PassHostStands(ctx, pass.ID, now); err != nil {
		return guestPage{}, err
	} else if !stands {
		state = models.PassRevoked
	}
	page := guestPage{Words: words, State: words.states[state], Class: "off"}
	inside := pass.VisitUntil(now) // of the last visit too: its code is needed at the next door
	underWay := state == models.PassUsed && !inside.IsZero()
	if state != models.PassActive && state != models.PassUpcoming && !underWay {
		return page, nil
	}
	zone, err := h.Store.StationZone(ctx, pass.Place.Station)
	if err != nil {
		return guestPage{}, err
	}
	page.Live = pass.Kind != models.PassGroup // a form is not to be lost while somebody types
	page.From, page.Until = fmt.Sprintf(words.from, minuteIn(pass.StartsAt, zone)), fmt.Sprintf(words.until, minuteIn(pass.EndsAt, zone))
	page.Hours = words.times(pass.Times)
	if state == models.PassActive {
		page.Class, page.Left = "on", words.left(pass.EndsAt.Sub(now))
		if !pass.Times.Contain(now, zone) {
			page.Class, page.State = "", words.states[models.PassUpcoming]
		}
	}
	if underWay {
		page.Class, page.Left, page.State = "on", words.left(inside.Sub(now)), words.further
	}
	if page.Compound, page.Doors, err = h.guestWay(ctx, pass); err != nil {
		return guestPage{}, err
	}
	if pass.Kind == models.PassGroup {
		return h.groupPage(page, pass)
	}
	if !underWay && pass.MaxUses > 1 && pass.MaxUses <= models.MaxPassUses {
		page.State += " · " + fmt.Sprintf(words.usedTimes, pass.MaxUses-pass.Uses)
	}
	return h.withCode(page, pass, token)
}

// groupPage offers a code of one's own while there are places. The address it will have is drawn here: the same form sent
// twice takes one place.
func (h *Server) groupPage(page guestPage, pass models.VisitorPass) (guestPage, error) {
	if pass.Guests >= pass.MaxGuests {
		page.State, page.Class = page.Words.full, "off"
		return page, nil
	}
	place, err := auth.NewSecret(h.Random)
	page.Place = place.Reveal()
	return page, err
}

// withCode opens the code with the page's own address.
func (h *Server) withCode(page guestPage, pass models.VisitorPass, token models.Secret) (guestPage, error) {
	sealed, err := h.Keys.OpenForGuest(token, pass.CodeSealed, guestContext(pass.ID))
	if err != nil {
		return guestPage{}, err
	}
	code := readForGuest(sealed)
	digits := code.Code.Reveal()
	page.Code = strings.Join([]string{digits[:3], digits[3:6], digits[6:]}, " ")
	page.Extension = fmt.Sprintf(page.Words.extension, code.Extension.Reveal())
	if signed, fits := pass.ToSign(); fits && !pass.SignedUntil.IsZero() {
		if code.Signed, err = h.Keys.SignPass(signed); err != nil {
			return guestPage{}, err
		}
	}
	page.QR, err = qrSVG(h.qrPayload(code))
	return page, err
}

func guestContext(pass models.ID) string { return "visitor_passes.code:" + string(pass) }

// guestWay names the compound and the doors from the outside in.
func (h *Server) guestWay(ctx context.Context, pass models.VisitorPass) (string, []string, error) {
	compound, err := h.Store.Compound(ctx, pass.Place.Compound)
	if err != nil {
		return "", nil, err
	}
	doors, err := h.Store.CompoundDoors(ctx, pass.Place.Compound)
	if err != nil {
		return "", nil, err
	}
	names := []string{}
	for _, kind := range []models.DoorKind{models.DoorGate, models.DoorBuilding, models.DoorUnit} {
		for _, door := range doors {
			if door.Kind == kind && slices.Contains(pass.DoorIDs, door.ID) {
				names = append(names, guestPageWords[api.From(ctx).Language].door(door))
			}
		}
	}
	return compound.Name, names, nil
}

func minuteIn(at time.Time, zone *time.Location) string {
	return at.In(zone).Format("2006-01-02 15:04")
}

// qrSVG draws a QR code as one path, which a page can hold in itself.
func qrSVG(text string) (template.HTML, error) {
	code, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		return "", err
	}
	rows, path := code.Bitmap(), strings.Builder{}
	for y, row := range rows {
		for x := 0; x < len(row); x++ {
			from := x
			for x < len(row) && row[x] {
				x++
			}
			if x > from {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", from, y, x-from, x-from)
			}
		}
	}
	return template.HTML(fmt.Sprintf( //nolint:gosec // numbers alone
		`<svg viewBox="0 0 %[1]d %[1]d" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h%[1]dv%[1]dH0z"/><path d="%[2]s"/></svg>`,
		len(rows), path.String())), nil
}
