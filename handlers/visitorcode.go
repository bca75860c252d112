package handlers

import (
	"context"
	"encoding/base64"
	"strings"

	"xunfang/api"
	"xunfang/auth"
	"xunfang/models"
	"xunfang/store"
)

const (
	passPrefix = "XF1.V."
	qrTagBytes = 12 // of a QR code, beyond guessing
)

// giveCode draws a code and an extension for a pass whose doors and window are known, if its doors have room for one more.
// What is returned is shown once; in the pass stand the HMACs, and what only the address of the guest's page opens. A
// group has none: a MAC that no code has stands in its place.
func (h *Server) giveCode(
	ctx context.Context, tx *store.Store, pass *models.VisitorPass, token models.Secret,
) (models.VisitorCode, error) {
	if pass.Kind == models.PassGroup {
		pass.CodeMAC = h.Keys.CodeMAC("visitor_group", string(pass.ID))
		return models.VisitorCode{}, nil
	}
	if err := h.makeRoom(ctx, tx, *pass); err != nil {
		return models.VisitorCode{}, err
	}
	code, err := h.freeVisitorCode(ctx, tx)
	if err != nil {
		return models.VisitorCode{}, err
	}
	extension, err := auth.NewDigits(h.Random, h.Codes.Extension)
	if err != nil {
		return models.VisitorCode{}, err
	}
	drawn := models.VisitorCode{Code: code, Extension: extension}
	pass.CodeMAC, pass.ExtensionMAC = h.visitorCodeMAC(code.Reveal()), h.extensionMAC(drawn)
	pass.ListMAC = auth.AllowInner(h.Keys.AllowCodeKey(pass.Place.Compound), drawn)
	if drawn.Signed, err = h.signPass(ctx, tx, pass); err != nil {
		return models.VisitorCode{}, err
	}
	pass.CodeSealed, err = h.Keys.SealForGuest(token, sealedForGuest(drawn), guestContext(pass.ID))
	return drawn, err
}

// sealedForGuest is what is sealed for the guest's page; readForGuest takes it apart.
func sealedForGuest(code models.VisitorCode) models.Secret { return code.Code + "." + code.Extension }

func readForGuest(sealed models.Secret) models.VisitorCode {
	code, extension, _ := strings.Cut(sealed.Reveal(), ".")
	return models.VisitorCode{Code: models.Secret(code), Extension: models.Secret(extension)}
}

// makeRoom refuses a pass with a door that has too many live codes, and notes which doors get crowded by it. Whoever
// moves or lengthens a pass asks it again.
func (h *Server) makeRoom(ctx context.Context, tx *store.Store, pass models.VisitorPass) error {
	lives, err := tx.LockLiveCodes(ctx, pass, api.From(ctx).Now)
	if err != nil {
		return err
	}
	for _, live := range lives {
		crowded, err := h.Codes.Room(live)
		if err != nil {
			return err
		}
		if crowded {
			if err := tx.CrowdDoor(ctx, live.DoorID, pass.EndsAt); err != nil {
				return err
			}
		}
	}
	return nil
}

// makeRoomForGuests is makeRoom for the codes of a group's guests, which have moved with it: what is counted for one of them
// are all the others.
func (h *Server) makeRoomForGuests(ctx context.Context, tx *store.Store, group models.VisitorPass) error {
	guest, found, err := tx.LiveGuest(ctx, group.ID)
	if err != nil || !found {
		return err
	}
	group.ID = guest
	return h.makeRoom(ctx, tx, group)
}

// freeVisitorCode draws a code that no pass has: with a million passes one draw in a thousand meets one.
func (h *Server) freeVisitorCode(ctx context.Context, tx *store.Store) (models.Secret, error) {
	for range 10 {
		code, err := auth.NewDoorCode(h.Random, h.Codes.Digits)
		if err != nil {
			return "", err
		}
		taken, err := tx.HasVisitorCode(ctx, h.visitorCodeMAC(code.Reveal()))
		if err != nil {
			return "", err
		}
		if !taken {
			return code, nil
		}
	}
	return "", models.Fail(models.CodeBusy)
}

// visitorCodeMAC is what stands in the database for a code: useless without the pepper.
func (h *Server) visitorCodeMAC(code string) []byte { return h.Keys.CodeMAC("visitor_code", code) }

// extensionMAC stands for code and extension together.
func (h *Server) extensionMAC(code models.VisitorCode) []byte {
	return h.Keys.CodeMAC("visitor_extension", code.Code.Reveal()+"."+code.Extension.Reveal())
}

// qrPayload is what the visitor's QR code says: code and extension, and a tag that only this server can make. Who shows
// it does not guess, and so never waits for those who do. A door that decides without the server reads a signed one.
func (h *Server) qrPayload(code models.VisitorCode) string {
	if code.Signed != "" {
		return code.Signed.Reveal()
	}
	return passPrefix + code.Code.Reveal() + "." + code.Extension.Reveal() + "." + h.qrTag(code)
}

func (h *Server) qrTag(code models.VisitorCode) string {
	tag := h.Keys.CodeMAC("visitor_qr", code.Code.Reveal()+"."+code.Extension.Reveal())
	return base64.RawURLEncoding.EncodeToString(tag[:qrTagBytes])
}

// typedCode is what came from a door: read from a QR code, or typed.
type typedCode struct {
	models.VisitorCode
	issued bool      // by this server, as the tag of the QR code, or its signature, shows
	pass   models.ID // of a signed QR code, which holds no code
}

// readCode takes apart what was typed or scanned.
func (h *Server) readCode(body api.CodeEntryCreate) typedCode {
	if signed, err := auth.VerifyPass(strings.TrimSpace(body.Code), h.Keys.DoorPublicKeys()); err == nil {
		return typedCode{issued: true, pass: signed.Pass}
	}
	text, scanned := strings.CutPrefix(strings.TrimSpace(body.Code), passPrefix)
	parts := []string{text}
	if scanned {
		parts = strings.Split(text, ".")
	}
	typed := typedCode{VisitorCode: models.VisitorCode{Code: models.Secret(auth.NormalizeCode(parts[0]))}}
	if len(parts) == 3 {
		typed.Extension = models.Secret(parts[1])
		typed.issued = auth.SameBytes([]byte(parts[2]), []byte(h.qrTag(typed.VisitorCode)))
	}
	if body.Extension != nil {
		typed.Extension = models.Secret(auth.NormalizeCode(*body.Extension))
	}
	return typed
}
