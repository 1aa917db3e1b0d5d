"""What a psychometrician looks at when reviewing items and content areas."""
