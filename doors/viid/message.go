package viid

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
)

const (
	maxBody    = 8 << 20 // bytes on the wire, pictures included
	maxLean    = 1 << 20 // bytes of it that are looked at: 100 objects with every field and five pictures each fit
	maxObjects = 100     // of one message
)

// text is a value that some devices send as a string and others as a number.
type text string

// UnmarshalJSON takes both, and nothing of what is neither.
func (t *text) UnmarshalJSON(data []byte) error {
	var plain string
	if len(data) > 0 && data[0] == '"' {
		if err := json.Unmarshal(data, &plain); err != nil {
			return err
		}
	} else if len(data) > 0 && data[0] != '{' && data[0] != '[' && string(data) != "null" {
		plain = string(data)
	}
	*t = text(strings.TrimSpace(plain))
	return nil
}

// some is a list that some gateways, which turn XML into JSON, send as its only member.
type some[T any] []T

// UnmarshalJSON takes both.
func (s *some[T]) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '{' {
		*s = make([]T, 1)
		return json.Unmarshal(data, &(*s)[0])
	}
	return json.Unmarshal(data, (*[]T)(s))
}

// message has of all that may be sent what is taken.
type message struct {
	RegisterObject, KeepaliveObject, UnRegisterObject struct{ DeviceID text }
	FaceListObject                                    struct{ FaceObject some[face] }
	MotorVehicleListObject                            struct{ MotorVehicleObject some[vehicle] }
}

type face struct {
	FaceID, DeviceID, ShotTime, FaceAppearTime, LocationMarkTime text
	IsSuspectedTerrorist, IsCriminalInvolved, IsSuspiciousPerson text
	SubImageList                                                 struct {
		SubImageInfoObject some[struct{ ImageID, StoragePath, ShotTime text }]
	}
}

// marked says whether the device itself says that this face is of concern. Everybody else who passes is nobody's business.
func (f face) marked() bool {
	return f.IsSuspectedTerrorist == "1" || f.IsCriminalInvolved == "1" || f.IsSuspiciousPerson == "1"
}

func (f face) sighting() Sighting {
	seen := Sighting{Ref: string(f.FaceID), Camera: string(f.DeviceID), At: first(f.ShotTime, f.FaceAppearTime, f.LocationMarkTime)}
	for _, image := range f.SubImageList.SubImageInfoObject {
		if seen.Picture == "" {
			seen.Picture = first(image.StoragePath, image.ImageID)
		}
		if seen.At == "" {
			seen.At = string(image.ShotTime)
		}
	}
	return seen
}

type vehicle struct {
	MotorVehicleID, DeviceID, PlateNo, HasPlate, PlateReliability, PassTime, LaneNo text
}

// plated says whether a plate was read. Devices that saw none send words in its place.
func (v vehicle) plated() bool {
	return v.PlateNo != "" && v.HasPlate != "0" && !strings.EqualFold(string(v.HasPlate), "false")
}

func first(texts ...text) string {
	for _, one := range texts {
		if one != "" {
			return string(one)
		}
	}
	return ""
}

var errTooMuch = errors.New("viid: too much in one message")

// decode reads a message; its pictures are skipped on the way.
func decode(body io.Reader) (message, error) {
	read := message{}
	bounded := &io.LimitedReader{R: newLean(body), N: maxLean}
	if err := json.NewDecoder(bounded).Decode(&read); err != nil {
		if bounded.N <= 0 {
			return message{}, errTooMuch
		}
		return message{}, err
	}
	if len(read.FaceListObject.FaceObject) > maxObjects || len(read.MotorVehicleListObject.MotorVehicleObject) > maxObjects {
		return message{}, errTooMuch
	}
	return read, nil
}

// The codes of a status, as far as they are used (GA/T 1400.3, ConfirmStatusType).
const (
	statusOK          = "0"
	statusOther       = "1"
	statusBusy        = "2"
	statusInvalid     = "4" // operation
	statusInvalidJSON = "7"
)

type status struct {
	ID           string `json:"Id"`
	RequestURL   string
	StatusCode   string
	StatusString string
	LocalTime    string `json:",omitempty"`
}

type statusAnswer struct{ ResponseStatusObject status }

type statusListAnswer struct {
	ResponseStatusListObject struct{ ResponseStatusObject []status }
}
