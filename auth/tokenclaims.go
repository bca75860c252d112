package auth

import (
	"errors"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"xunfang/models"
)

// wireClaims is the payload of an access token.
type wireClaims struct {
	jwt.RegisteredClaims
	Session models.ID     `json:"sid"`
	Station models.ID     `json:"station_id,omitempty"`
	Device  bool          `json:"device,omitempty"`
	Roles   []models.Role `json:"roles"` // RFC 9068, section 2.2.3.1
}

func wireOf(claims Claims) *wireClaims {
	wire := &wireClaims{Session: claims.Session, Station: claims.Station, Device: claims.Device, Roles: claims.Roles}
	wire.Subject = string(claims.Subject)
	if wire.Roles == nil {
		wire.Roles = []models.Role{}
	}
	return wire
}

// claims checks what every token must say, when it is issued as when it is read.
func (w *wireClaims) claims() (Claims, error) {
	if w.IssuedAt == nil || w.ExpiresAt == nil {
		return Claims{}, errors.New("auth: token without iat or exp")
	}
	if !w.ExpiresAt.After(w.IssuedAt.Time) {
		return Claims{}, errors.New("auth: token that ends before it begins")
	}
	subject, err := models.ParseID(w.Subject)
	if err != nil {
		return Claims{}, errors.New("auth: token whose sub is no id")
	}
	session, err := models.ParseID(string(w.Session))
	if err != nil {
		return Claims{}, errors.New("auth: token whose sid is no id")
	}
	station := w.Station
	if station != "" {
		if station, err = models.ParseID(string(station)); err != nil {
			return Claims{}, errors.New("auth: token whose station_id is no id")
		}
	}
	if len(w.Roles) > len(models.AllRoles) {
		return Claims{}, errors.New("auth: token with more roles than there are")
	}
	for _, role := range w.Roles {
		if !role.Known() {
			return Claims{}, errors.New("auth: token with an unknown role")
		}
	}
	return Claims{
		Subject: subject, Session: session, Station: station, Device: w.Device, Roles: w.Roles,
		ExpiresAt: w.ExpiresAt.UTC().Truncate(time.Second),
	}, nil
}
