package models

// DeliveryShare is what a worker has room for, of some channels together.
type DeliveryShare struct {
	Channels []string
	Limit    int // at most so many
	Ordinary int // at most so many of them that are no emergencies
}
