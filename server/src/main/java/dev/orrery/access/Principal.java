package dev.orrery.access;

/// Who calls.
public record Principal(String name, Role role) {}
